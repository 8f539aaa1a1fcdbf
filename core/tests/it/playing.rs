//! Recordings that are played.

use std::io::Cursor;
use std::time::{Duration, Instant};

use winshm_core::recording::{Note, Options, Player, Recorder, Recording};
use winshm_core::{Copied, News, Source, State, Time};

/// A recording with two regions: frames every ten seconds, and a state in between.
fn recording() -> Recording<Cursor<Vec<u8>>> {
    let begin = Time::from_nanoseconds(1_700_000_000_000_000_000);
    let mut file = Cursor::new(Vec::new());
    let mut recorder = Recorder::new(&mut file, Options::default()).unwrap();
    let a = recorder.add_region("a", None).unwrap();
    let b = recorder.add_region("b", None).unwrap();
    for second in 0..10_u8 {
        let time = begin + Duration::from_secs(10 * u64::from(second));
        recorder.frame(a, time, &[second]).unwrap();
        recorder.frame(b, time, b"b").unwrap();
    }
    let note = Note::State {
        region: "a".to_owned(),
        state: State::Frozen,
    };
    recorder
        .note(begin + Duration::from_secs(95), &note)
        .unwrap();
    recorder.finish().unwrap();
    Recording::read(file).unwrap()
}

#[test]
fn a_player_gives_the_frames_and_states_of_its_region_and_ends_absent() {
    let mut player = Player::new(recording(), 0, 1e6);
    let (mut frames, mut states) = (Vec::new(), Vec::new());
    let mut bytes = Vec::new();
    while !player.is_over() {
        match player.wait(Duration::from_secs(60)).unwrap() {
            Some(News::Written) => {
                assert_eq!(player.copy(&mut bytes).unwrap(), Copied::Whole);
                frames.extend_from_slice(&bytes);
            }
            Some(News::Changed(state)) => states.push(state),
            None => {}
        }
    }
    assert_eq!(frames, Vec::from_iter(0..10));
    assert_eq!(states, [State::Live, State::Frozen, State::Absent]);
    assert_eq!(player.copy(&mut bytes).unwrap(), Copied::Nothing);
    assert_eq!(player.wait(Duration::ZERO).unwrap(), None);
}

#[test]
fn a_player_takes_its_time() {
    // Ten seconds take 20 ms.
    let mut player = Player::new(recording(), 0, 500.0);
    let begin = Instant::now();
    assert_eq!(
        player.wait(Duration::from_secs(60)).unwrap(),
        Some(News::Changed(State::Live))
    );
    assert_eq!(
        player.wait(Duration::from_secs(60)).unwrap(),
        Some(News::Written)
    );
    assert_eq!(player.wait(Duration::ZERO).unwrap(), None);
    assert_eq!(
        player.wait(Duration::from_secs(60)).unwrap(),
        Some(News::Written)
    );
    assert!(begin.elapsed() >= Duration::from_millis(20));
}

#[test]
fn regions_keep_the_time_between_them() {
    const BETWEEN: Duration = Duration::from_millis(300);
    let mut file = Cursor::new(Vec::new());
    let mut recorder = Recorder::new(&mut file, Options::default()).unwrap();
    let regions = ["early", "late"].map(|it| recorder.add_region(it, None).unwrap());
    let begin = Time::from_nanoseconds(1_000_000_000_000);
    let later = begin + BETWEEN;
    recorder.frame(regions[0], begin, b"early").unwrap();
    recorder.frame(regions[1], later, b"late").unwrap();
    recorder.finish().unwrap();
    let start = Instant::now();
    let mut players = [0, 1].map(|region| {
        let recording = Recording::read(Cursor::new(file.get_ref().clone())).unwrap();
        Player::new(recording, region, 1.0)
    });
    let [early, late] = &mut players;
    for player in [early, late] {
        let mut news = None;
        while news != Some(News::Written) {
            news = player.wait(Duration::from_secs(3600)).unwrap();
        }
    }
    assert!(start.elapsed() >= BETWEEN, "{:?}", start.elapsed());
}

#[test]
fn a_player_waits_for_what_comes_after_the_moment_it_starts_from() {
    let mut recording = recording();
    let (begin, end) = recording.span().unwrap();
    // The next frames come nine seconds later, which take 18 ms.
    recording
        .restart(begin + Duration::from_secs(1), end)
        .unwrap();
    let mut player = Player::new(recording, 0, 500.0);
    let start = Instant::now();
    let news = player.wait(Duration::from_secs(60)).unwrap();
    assert_eq!(news, Some(News::Changed(State::Live)));
    assert!(
        start.elapsed() >= Duration::from_millis(18),
        "{:?}",
        start.elapsed()
    );
}
