//! Repeatable chance: random-looking numbers that are the same at each run.

use fastrand::Rng;

/// A generator for one thing: the same for the same seed, name and number, whatever was drawn for others.
pub fn rng(seed: u64, name: &str, number: u64) -> Rng {
    Rng::with_seed(mixed(seed ^ mixed(hash(name) ^ mixed(number))))
}

/// A number below `bound` that depends on the code alone.
pub fn spread(code: &str, bound: u32) -> u32 {
    // The high half, since the low bits of neighbouring codes are too alike.
    let mixed = hash(code).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    u32::try_from(mixed % u64::from(bound)).expect("less than a bound of 32 bits")
}

pub fn chance(rng: &mut Rng, share: f64) -> bool {
    rng.f64() < share
}

pub fn pick<'a, T>(rng: &mut Rng, items: &'a [T]) -> &'a T {
    &items[rng.usize(..items.len())]
}

/// FNV-1a.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The finisher of SplitMix64: neighbouring numbers come out far apart.
fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_thing_has_its_own_chance() {
        let first = |seed, name: &str, number| rng(seed, name, number).u64(..);
        assert_eq!(first(1, "a", 1), first(1, "a", 1));
        let of = |(seed, name, number)| first(seed, ["a", "b"][name], number);
        let things =
            (0..10).flat_map(|s| (0..2).flat_map(move |n| (0..100).map(move |k| (s, n, k))));
        let drawn: HashSet<u64> = things.map(of).collect();
        assert_eq!(drawn.len(), 2_000);
    }
}
