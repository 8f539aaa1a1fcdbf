//! Checks that `get()` and `get_mut()` compile to the instructions of dereferencing a pointer
//! kept in a struct, and reading one field with `field!` to two loads: of the pointer and of the
//! field.
//!
//! All are compiled into this program, which decodes its own machine code up to the end of each
//! function. Between `get` and a pointer, one difference is ignored: at which offset in the struct (a
//! link, or one made by hand) the pointer lies.
//!
//! A benchmark although it measures nothing, because optimised is how it has to be compiled.
//! `--show` prints the instructions.

fn main() -> std::process::ExitCode {
    #[cfg(target_arch = "x86_64")]
    return x86_64::main();

    #[cfg(not(target_arch = "x86_64"))]
    {
        println!("not checked: this program reads x86-64 machine code only");
        std::process::ExitCode::SUCCESS
    }
}

#[cfg(target_arch = "x86_64")]
mod x86_64 {
    use std::process::ExitCode;

    use iced_x86::{
        Decoder, DecoderOptions, FlowControl, Formatter, Instruction, InstructionInfoFactory,
        IntelFormatter, Mnemonic, OpAccess, Register,
    };
    use win_shared_memory::{ReadOnly, ReadWrite, SharedData, SharedMemoryLink, field};

    #[derive(Clone, Copy)]
    #[repr(C)]
    struct Value {
        tick: u32,
        position: [f32; 3],
        name: [u16; 32],
        speed: f64,
    }

    type Reader = SharedMemoryLink<Value, ReadOnly>;
    type Writer = SharedMemoryLink<Value, ReadWrite>;

    /// 1 MiB.
    #[derive(Clone, Copy, SharedData)]
    #[repr(C)]
    struct Telemetry {
        before: [u8; 512 << 10],
        speed: f32,
        wheels: [[f32; 4]; 8],
        after: [u8; (512 << 10) - 132],
    }

    type Telemeter = SharedMemoryLink<Telemetry, ReadOnly>;

    #[inline(never)]
    extern "C" fn speed(link: &Telemeter) -> f32 {
        field!(link.speed).read()
    }

    #[inline(never)]
    extern "C" fn wheel(link: &Telemeter) -> f32 {
        field!(link.wheels[7][2]).read()
    }

    /// What somebody who maps by hand keeps.
    #[repr(C)]
    struct Mapped {
        value: *mut Value,
        section: *mut (),
    }

    /// The same function twice: on a link, whose argument is `$link`, and on a [`Mapped`].
    macro_rules! pair {
        (
            $what:literal, $link:ident: $type:ty, $raw:ident => $reference:expr,
            ($($argument:ident: $argument_type:ty)?) -> $result:ty,
            $value:ident => $body:expr
        ) => {{
            #[inline(never)]
            extern "C" fn ours($link: $type $(, $argument: $argument_type)?) -> $result {
                // SAFETY: never called; only its instructions matter.
                let $value = unsafe { $reference };
                $body
            }
            #[inline(never)]
            extern "C" fn by_hand($raw: &mut Mapped $(, $argument: $argument_type)?) -> $result {
                // SAFETY: as above.
                let $value = unsafe { &mut *$raw.value };
                $body
            }
            Pair { what: $what, ours: ours as *const u8, by_hand: by_hand as *const u8 }
        }};
    }

    struct Pair {
        what: &'static str,
        ours: *const u8,
        by_hand: *const u8,
    }

    pub(crate) fn main() -> ExitCode {
        // Long because it lists what is compared.
        let pairs = [
            pair!("get, one field", link: &Reader, raw => link.get(),
                () -> u32, value => value.tick),
            pair!("get, one field, of a link that writes", link: &Writer, raw => link.get(),
                () -> u32, value => value.tick),
            pair!("get, a sum", link: &Reader, raw => link.get(),
                () -> f32, value => value.position.iter().sum()),
            pair!("get, a copy", link: &Reader, raw => link.get(),
                (out: &mut Value) -> (), value => *out = *value),
            pair!("get, a checked index", link: &Reader, raw => link.get(),
                (at: usize) -> u16, value => value.name.get(at).copied().unwrap_or(0)),
            pair!("get_mut, one field", link: &mut Writer, raw => link.get_mut(),
                (speed: f64) -> (), value => value.speed = speed),
            pair!("get_mut, all fields", link: &mut Writer, raw => link.get_mut(),
                (new: &Value) -> (), value => *value = *new),
        ];
        let show = std::env::args().any(|it| it == "--show");
        let mut failed = false;
        for pair in pairs {
            let what = pair.what;
            if !bench::is_wanted(&format!("same_code/{what}")) {
                continue;
            }
            let (ours, by_hand) = (listing(pair.ours), listing(pair.by_hand));
            let same = ours == by_hand;
            failed |= !same;
            let verdict = if same {
                "the same instructions"
            } else {
                "DIFFERENT"
            };
            println!("{what}: {verdict}");
            if show || !same {
                print(&ours);
            }
            if !same {
                println!("  by hand:");
                print(&by_hand);
            }
        }
        let loads = [
            ("field!, one f32 of 1 MiB", speed as *const u8),
            (
                "field!, one f32 of an array in it, at a constant index",
                wheel as *const u8,
            ),
        ];
        for (what, function) in loads {
            if !bench::is_wanted(&format!("same_code/{what}")) {
                continue;
            }
            let two = is_two_loads(&instructions(function));
            failed |= !two;
            let verdict = if two {
                "two loads, no checks"
            } else {
                "NOT TWO LOADS"
            };
            println!("{what}: {verdict}");
            if show || !two {
                print(&listing(function));
            }
        }
        ExitCode::from(u8::from(failed))
    }

    fn print(listing: &[String]) {
        for line in listing {
            println!("    {line}");
        }
    }

    /// Whether a function reads memory twice, writes none, and neither compares, branches nor calls.
    fn is_two_loads(instructions: &[Instruction]) -> bool {
        let mut factory = InstructionInfoFactory::new();
        let (last, rest) = instructions.split_last().expect("a function returns");
        let mut loads = 0;
        for it in rest {
            let memory = factory.info(it).used_memory();
            if memory.iter().any(|it| it.access() != OpAccess::Read)
                || it.flow_control() != FlowControl::Next
                || matches!(it.mnemonic(), Mnemonic::Cmp | Mnemonic::Test)
            {
                return false;
            }
            loads += memory.len();
        }
        loads == 2 && last.flow_control() == FlowControl::Return
    }

    /// No function above is longer.
    const LONGEST: usize = 512;

    /// A function's instructions as text, with its own jumps as counts of instructions: how many
    /// bytes these have depends on where in the struct the pointer lies.
    fn listing(function: *const u8) -> Vec<String> {
        let mut instructions = instructions(function);
        // The first argument is the link or the `Mapped`, and the first access through it loads
        // the pointer.
        if let Some(load) = instructions
            .iter_mut()
            .find(|it| it.memory_base() == Register::RCX)
        {
            load.set_memory_displacement64(0);
        }
        let mut formatter = IntelFormatter::new();
        let line = |(index, it): (usize, &Instruction)| {
            let target = instructions.iter().position(|to| {
                it.near_branch_target() == to.ip() && it.flow_control() != FlowControl::Call
            });
            let mut line = String::new();
            match target {
                Some(target) => {
                    let by = target as isize - index as isize;
                    line = format!("{:?} {by:+}", it.mnemonic()).to_lowercase();
                }
                None => formatter.format(it, &mut line),
            }
            line
        };
        instructions.iter().enumerate().map(line).collect()
    }

    /// Decodes a function.
    fn instructions(function: *const u8) -> Vec<Instruction> {
        // SAFETY: code can be read on Windows, and these functions are not the last ones in their
        // section. Assumption: the standard library, which comes after them, has more than
        // `LONGEST` bytes of it.
        let code = unsafe { std::slice::from_raw_parts(function, LONGEST) };
        let start = function.addr() as u64;
        let inside = start..start + LONGEST as u64;
        let mut decoder = Decoder::with_ip(64, code, start, DecoderOptions::NONE);
        let mut instructions = Vec::new();
        // An instruction that ends a function, such as `ret`, need not be its last: an earlier
        // jump may lead further.
        let mut furthest = start;
        while decoder.can_decode() {
            let instruction = decoder.decode();
            let flow = instruction.flow_control();
            let target = instruction.near_branch_target();
            if flow != FlowControl::Call && inside.contains(&target) {
                furthest = furthest.max(target);
            }
            instructions.push(instruction);
            let ends = matches!(
                flow,
                FlowControl::Return | FlowControl::UnconditionalBranch | FlowControl::Exception
            );
            if ends && instruction.next_ip() > furthest {
                return instructions;
            }
        }
        panic!("a function of more than {LONGEST} bytes");
    }
}
