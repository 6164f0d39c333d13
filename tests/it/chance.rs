//! The random numbers of tests. Each test has a seed of its own, so that it is the same each time;
//! `SANGKIEN_TEST_SEED` moves all of them, and a failure prints it.

/// The numbers of the test that has this seed.
pub fn rng(seed: u64) -> fastrand::Rng {
    let moved = std::env::var("SANGKIEN_TEST_SEED").map_or(0, |text| {
        eprintln!("SANGKIEN_TEST_SEED={text}");
        text.parse().expect("a number")
    });
    fastrand::Rng::with_seed(seed.wrapping_add(moved))
}
