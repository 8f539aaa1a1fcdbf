//! Whether the other side lives, where its process may not be asked.
//!
//! `unsafe` is allowed here to take every right to a process away.

#![allow(unsafe_code)]

use std::mem;
use std::process;

use win_shared_memory::snapshot::{Reader, Writer};
use win_shared_memory::sync::Event;
use win_shared_memory::{Liveness, Process, ProcessIdentity, SharedMemoryError, SharedMutex};
use windows_sys::Win32::Security::{
    ACL, ACL_REVISION, DACL_SECURITY_INFORMATION, InitializeAcl, InitializeSecurityDescriptor,
    SECURITY_DESCRIPTOR, SetKernelObjectSecurity, SetSecurityDescriptorDacl,
};
use windows_sys::Win32::System::Threading::GetCurrentProcess;

use crate::format::Words;
use crate::support::{Child, Parent, fresh_name, latest, watchdog};
use crate::tokens::{acting_as, without_privileges};

const SECURITY_DESCRIPTOR_REVISION: u32 = 1;

/// From now on nobody may open this process.
fn deny_everything() {
    let mut acl = ACL::default();
    let mut descriptor = SECURITY_DESCRIPTOR::default();
    let to = (&raw mut descriptor).cast();
    // SAFETY: the ACL and the descriptor are writable, of the sizes given, and outlive the calls.
    unsafe {
        assert_ne!(
            InitializeAcl(&mut acl, size_of::<ACL>() as u32, ACL_REVISION),
            0
        );
        assert_ne!(
            InitializeSecurityDescriptor(to, SECURITY_DESCRIPTOR_REVISION),
            0
        );
        assert_ne!(SetSecurityDescriptorDacl(to, 1, &acl, 0), 0);
        let process = GetCurrentProcess();
        assert_ne!(
            SetKernelObjectSecurity(process, DACL_SECURITY_INFORMATION, to),
            0
        );
    }
}

#[test]
#[ignore = "a child process of other tests"]
fn child_that_nobody_may_open() {
    let Some(parent) = Parent::find() else { return };
    deny_everything();
    let (name, id) = (parent.argument(0), process::id().to_string());
    match parent.argument(1) {
        "writer" => {
            let mut writer = Writer::register(name).unwrap();
            writer.publish(&7_u64);
            parent.tell(&id);
            parent.stay();
        }
        "holder" => {
            let counter = SharedMutex::<u64>::open(name).unwrap();
            let _guard = counter.lock().unwrap();
            parent.tell(&id);
            parent.stay();
        }
        "forgetter" => {
            let counter = SharedMutex::<u64>::open(name).unwrap();
            mem::forget(counter.lock().unwrap());
            drop(counter);
            parent.tell(&id);
            parent.stay();
        }
        other => panic!("{other}"),
    }
}

fn child(name: &str, act: &str) -> (Child, u32) {
    let mut child = Child::start(child_that_nobody_may_open, &[name, act]);
    let id = child.answer().parse().unwrap();
    (child, id)
}

/// Does this where the process may not be opened: a privilege to debug opens every one.
fn denied(id: u32, act: impl FnOnce()) {
    acting_as(&without_privileges(), || {
        let denied = Process::open(id).unwrap_err();
        assert!(denied.is_access_denied(), "{denied}");
        act();
    });
}

#[test]
fn a_writer_that_may_not_be_asked_is_known_to_live_and_to_have_ended() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let (mut child, id) = child(&name, "writer");
    let mut reader = Reader::<u64>::open(&name).unwrap();
    let identity = reader.writer().unwrap();
    assert_eq!(identity.id, id);
    denied(id, || {
        assert_eq!(identity.liveness(), Liveness::Unknown);
        assert_eq!(reader.writer_liveness(), Liveness::Alive);
        let error = Writer::<u64>::register(&name).unwrap_err();
        assert!(
            matches!(error, SharedMemoryError::WriterAlive { writer, .. } if writer == identity),
            "{error}"
        );
    });
    // The test has the process open, so its id is not given to another.
    child.kill();
    denied(id, || assert_eq!(reader.writer_liveness(), Liveness::Gone));
    let mut writer = Writer::<u64>::register(&name).unwrap();
    assert_eq!(latest(&mut reader).unwrap().1, 7);
    writer.publish(&8);
    assert_eq!(latest(&mut reader).unwrap().1, 8);
}

#[test]
fn a_token_that_somebody_else_holds_keeps_no_writer_alive_whose_process_can_be_asked() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut child = Child::start(child_that_may_be_opened, &[&name]);
    assert_eq!(child.answer(), "writes");
    let reader = Reader::<u64>::open(&name).unwrap();
    let ProcessIdentity { id, created } = reader.writer().unwrap();
    let _squatted = Event::open_to_wait(&format!("{name}~{id:x}-{created:x}")).unwrap();
    assert_eq!(reader.writer_liveness(), Liveness::Alive);
    child.kill();
    assert_eq!(reader.writer_liveness(), Liveness::Gone);
    Writer::<u64>::register(&name).unwrap();
}

#[test]
#[ignore = "a child process of another test"]
fn child_that_may_be_opened() {
    let Some(parent) = Parent::find() else { return };
    let _writer = Writer::<u64>::register(parent.argument(0)).unwrap();
    parent.tell("writes");
    parent.stay();
}

#[test]
fn a_holder_that_may_not_be_asked_keeps_its_lock_until_it_has_ended() {
    let _watchdog = watchdog();
    for act in ["holder", "forgetter"] {
        let name = fresh_name();
        let counter = SharedMutex::get_or_create(&name, &7_u64).unwrap();
        let (mut child, id) = child(&name, act);
        denied(id, || {
            assert!(counter.try_lock().unwrap().is_none(), "{act}")
        });
        child.kill();
        denied(id, || {
            let guard = counter.lock().unwrap();
            assert!(guard.was_abandoned());
            assert_eq!(*guard, 7);
        });
    }
}

/// What a process in an AppContainer records, whose objects others do not find.
#[test]
fn a_writer_without_a_token_is_not_taken_for_dead_where_its_process_may_not_be_asked() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let (_child, id) = child(&name, "writer");
    let reader = Reader::<u64>::open(&name).unwrap();
    let identity = reader.writer().unwrap();
    let directory = Words::open(&name);
    directory.set(28, directory.get(28) | 1 << 31);
    assert_eq!(reader.writer(), Some(identity));
    denied(id, || {
        assert_eq!(reader.writer_liveness(), Liveness::Unknown);
        assert!(Writer::<u64>::register(&name).is_err());
    });
}
