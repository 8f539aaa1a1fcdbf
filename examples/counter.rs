//! Several of these count together: each change of the shared value is whole, whatever happens to the
//! program that makes it.
//!
//! Start it as often as you like; with `hold` it keeps the lock until it is killed.

use std::thread;
use std::time::{Duration, Instant};

use win_shared_memory::{ProcessIdentity, SharedData, SharedMemoryError, SharedMutex};

/// A total, and what each process has added to it.
#[derive(Clone, Copy, SharedData)]
#[repr(C)]
struct Ledger {
    total: u64,
    accounts: [Account; 8],
}

#[derive(Clone, Copy, SharedData)]
#[repr(C)]
struct Account {
    process: u64,
    count: u64,
}

fn main() -> Result<(), SharedMemoryError> {
    let nothing = Ledger {
        total: 0,
        accounts: [Account {
            process: 0,
            count: 0,
        }; 8],
    };
    let ledger = SharedMutex::get_or_create(r"Local\win-shared-memory-counter", &nothing)?;
    let me = u64::from(ProcessIdentity::current()?.id);
    let holds = std::env::args().any(|argument| argument == "hold");

    let mut told = Instant::now();
    loop {
        let guard = ledger.lock()?;
        if guard.was_abandoned() {
            println!("the last to hold the lock was killed; the value is what it was before");
        }
        let mut next = *guard;
        let account = next
            .accounts
            .iter_mut()
            .find(|it| [0, me].contains(&it.process));
        let Some(account) = account else {
            println!("no account is left");
            return Ok(());
        };
        *account = Account {
            process: me,
            count: account.count + 1,
        };
        if holds {
            println!("holds the lock, and has counted in its account but not in the total");
            thread::sleep(Duration::from_secs(60));
        }
        next.total += 1;
        guard.commit(&next);

        if told.elapsed() > Duration::from_millis(500) {
            told = Instant::now();
            let now = ledger.load()?;
            let sum: u64 = now.accounts.iter().map(|it| it.count).sum();
            println!("total {}, sum of all accounts {sum}", now.total);
        }
        thread::sleep(Duration::from_millis(1));
    }
}
