//! Programs that do not compile, and what the compiler says of them: `cargo xtask test messages` compiles them with
//! `--cfg wrong`. What does not depend on the text is in `tests/compile_fail.md`.

#[cfg(all(windows, wrong))]
mod wrong;
