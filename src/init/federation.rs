//! The federation that the server is for: the unit at the root.

use crate::domain::text::fold;
use crate::domain::unit::UnitKind;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Federation {
    pub name: String,
    pub code: String,
}

/// Beginnings of names, folded, and what stands for them in a code.
const BEGINNINGS: [(&str, &str); 5] = [
    ("lien doan lao dong tinh ", "ldld-"),
    ("lien doan lao dong thanh pho ", "ldld-"),
    ("lien doan lao dong ", "ldld-"),
    ("cong doan nganh ", "cdn-"),
    ("cong doan ", "cd-"),
];

impl Federation {
    /// A central union, by its name, or a province's federation.
    pub fn kind(&self) -> UnitKind {
        if self.name.starts_with("Công đoàn") {
            UnitKind::IndustryUnion
        } else {
            UnitKind::ProvincialFederation
        }
    }

    /// The end of its code, which the codes of its sample units share: "dong-nai" of `ldld-dong-nai`.
    pub fn code_ending(&self) -> &str {
        self.code.split_once('-').map_or(&*self.code, |(_, ending)| ending)
    }
}

/// The code that a name suggests: "Liên đoàn Lao động tỉnh Đồng Nai" suggests `ldld-dong-nai`. It is empty if the name
/// has no letter.
pub fn suggested_code(name: &str) -> String {
    let folded = fold(name);
    let known =
        BEGINNINGS.iter().find_map(|(begins, short)| Some((*short, folded.strip_prefix(begins)?)));
    let (short, rest) = known.unwrap_or(("", &folded));
    let plain: String = rest.chars().filter(|c| c.is_ascii_alphanumeric() || *c == ' ').collect();
    format!("{short}{}", plain.trim().replace(' ', "-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_suggests_its_code() {
        for (name, code) in [
            ("Liên đoàn Lao động tỉnh Đồng Nai", "ldld-dong-nai"),
            ("Liên đoàn Lao động thành phố Cần Thơ", "ldld-can-tho"),
            ("Liên đoàn Lao động Hà Nội", "ldld-ha-noi"),
            ("Công đoàn ngành Y tế", "cdn-y-te"),
            ("Công đoàn Dệt may Việt Nam", "cd-det-may-viet-nam"),
            ("Union of Weavers", "union-of-weavers"),
            ("–", ""),
        ] {
            assert_eq!(suggested_code(name), code);
        }
        for (code, ending) in [("ldld-dong-nai", "dong-nai"), ("dongnai", "dongnai")] {
            let federation = Federation { name: String::new(), code: code.to_owned() };
            assert_eq!(federation.code_ending(), ending);
        }
    }
}
