//! The people of the demo: names made of common parts, the same at each of their initiatives.

use fastrand::Rng;

use super::chance::{chance, pick, rng};
use crate::domain::command::NewAuthor;
use crate::domain::initiative::AuthorGroup;
use crate::domain::unit::Sector;

/// About one in so many of a unit's initiatives is the first of its author: six or seven a person in the end, as in
/// the reports.
const FIRST_IN: f64 = 5.0;

const FAMILIES: [&str; 16] = [
    "Nguyễn", "Nguyễn", "Nguyễn", "Trần", "Trần", "Lê", "Lê", "Phạm", "Hoàng", "Phan", "Vũ",
    "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô",
];
const WOMEN: ([&str; 5], [&str; 12]) = (
    ["Thị", "Thị", "Thu", "Ngọc", "Thanh"],
    ["Lan", "Hương", "Hoa", "Hà", "Mai", "Nga", "Phương", "Thảo", "Trang", "Yến", "Hạnh", "Tuyết"],
);
const MEN: ([&str; 5], [&str; 12]) = (
    ["Văn", "Văn", "Đức", "Minh", "Hữu"],
    ["Hùng", "Dũng", "Nam", "Tuấn", "Sơn", "Hải", "Long", "Thắng", "Quân", "Bình", "Cường", "Phúc"],
);

/// The number of people of a unit that have written by the time of its direct unit's initiative of this number, if
/// the unit enters `share` of them.
pub fn writers(number: u32, share: f64) -> u32 {
    1 + super::curve::rounded((f64::from(number) * share / FIRST_IN).floor())
}

/// One to three of a unit's first `writers` people, mostly one.
pub fn authors(
    seed: u64,
    unit: &str,
    sector: Sector,
    writers: u32,
    rng: &mut Rng,
) -> Vec<NewAuthor> {
    let together = *pick(rng, &[1, 1, 1, 1, 1, 1, 1, 2, 2, 3]);
    let first = rng.u32(..writers);
    // Colleagues have neighbouring numbers, so that the same people write together again.
    (0..together.min(writers))
        .map(|step| person(seed, unit, sector, (first + step) % writers))
        .collect()
}

/// The person of this number at this unit.
fn person(seed: u64, unit: &str, sector: Sector, number: u32) -> NewAuthor {
    let rng = &mut rng(seed, unit, u64::from(number));
    let (middles, givens) = if rng.bool() { &WOMEN } else { &MEN };
    let name = format!("{} {} {}", pick(rng, &FAMILIES), pick(rng, middles), pick(rng, givens));
    // One in six initiatives was of an official of the union.
    let group = match (rng.u32(..100), sector) {
        (0..14, _) | (_, Sector::Union) => AuthorGroup::UnionOfficial,
        (14..18, _) => AuthorGroup::Other,
        (_, Sector::ProductionBusiness) => AuthorGroup::EnterpriseWorker,
        _ => AuthorGroup::PublicEmployee,
    };
    let person_code = chance(rng, 0.6).then(|| format!("DV-{:04}", number + 1));
    NewAuthor { name, person_code, group: Some(group), contact: None }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::domain::initiative::person_identity;

    #[test]
    fn people_come_again() {
        let mut rng = Rng::with_seed(3);
        let mut people = HashSet::new();
        for number in 1..=6_000 {
            let writers = writers(number, 0.1);
            if number % 10 == 0 {
                for author in authors(3, "cdcs-1", Sector::Health, writers, &mut rng) {
                    people.insert(person_identity(author.person_code.as_deref(), &author.name));
                }
            }
        }
        let each = 600.0 / f64::from(u32::try_from(people.len()).unwrap());
        assert!((5.0..=8.0).contains(&each), "{each} initiatives a person");
    }

    #[test]
    fn authors_belong_to_the_side_of_the_unit() {
        let mut rng = Rng::with_seed(1);
        let mut of = |sector| -> Vec<AuthorGroup> {
            let people = (0..500).flat_map(|_| authors(1, "cdcs-1", sector, 300, &mut rng));
            people.filter_map(|author| author.group).collect()
        };
        let most = |groups: &[AuthorGroup], group| {
            groups.iter().filter(|&&one| one == group).count() * 10 > groups.len() * 7
        };
        assert!(most(&of(Sector::ProductionBusiness), AuthorGroup::EnterpriseWorker));
        assert!(most(&of(Sector::Education), AuthorGroup::PublicEmployee));
        assert!(most(&of(Sector::Union), AuthorGroup::UnionOfficial));
    }
}
