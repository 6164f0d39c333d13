//! The language of messages.

use crate::preferences::{Preference, preferences};

/// A language that messages are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Language {
    #[default]
    English,
    Vietnamese,
}

impl Language {
    /// The text in this language.
    pub const fn choose<'a>(self, english: &'a str, vietnamese: &'a str) -> &'a str {
        match self {
            Self::English => english,
            Self::Vietnamese => vietnamese,
        }
    }

    /// The language that an `Accept-Language` header asks for (RFC 9110, 12.5.4): the one of
    /// greatest weight, the one named first among equals; English when none is named.
    pub fn accepted(header: &str) -> Self {
        let mut best = (Self::default(), 0.0);
        // The weight for everything else holds for a language that is not named itself.
        let named: Vec<(Option<Self>, f32)> = preferences(header).filter_map(range).collect();
        for &(language, weight) in &named {
            let Some(language) = language.or_else(|| {
                [Self::English, Self::Vietnamese]
                    .into_iter()
                    .find(|it| named.iter().all(|(named, _)| *named != Some(*it)))
            }) else {
                continue;
            };
            if weight > best.1 {
                best = (language, weight);
            }
        }
        best.0
    }
}

impl Language {
    /// The language of a machine: that of the first of LC_ALL, LC_MESSAGES and LANG that is set, as POSIX has it.
    pub fn of_locale(variables: [Option<String>; 3]) -> Self {
        let locale = variables.into_iter().flatten().find(|it| !it.is_empty()).unwrap_or_default();
        let language = locale.split(['_', '.', '@']).next().unwrap_or_default();
        language.parse().unwrap_or_default()
    }
}

/// The error for a language that no messages are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("neither vi nor en")]
pub struct UnknownLanguage;

impl std::str::FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(text: &str) -> Result<Self, UnknownLanguage> {
        match text.to_ascii_lowercase().as_str() {
            "vi" => Ok(Self::Vietnamese),
            "en" => Ok(Self::English),
            _ => Err(UnknownLanguage),
        }
    }
}

/// A language with its weight; `None` as a language is `*`. Ranges of languages that there are no messages
/// in are left out.
fn range(named: Preference<'_>) -> Option<(Option<Language>, f32)> {
    let language = match named.name.to_ascii_lowercase().split('-').next()? {
        "vi" => Some(Language::Vietnamese),
        "en" => Some(Language::English),
        "*" => None,
        _ => return None,
    };
    Some((language, named.weight))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_variable_of_the_locale_that_is_set_decides() {
        use Language::{English, Vietnamese};
        for (variables, language) in [
            (["", "", ""], English),
            (["", "", "vi_VN.UTF-8"], Vietnamese),
            (["", "vi", "en_US.UTF-8"], Vietnamese),
            (["C.UTF-8", "vi_VN", "vi_VN"], English),
            (["vi_VN@x", "C", "C"], Vietnamese),
            (["", "", "vie"], English),
        ] {
            assert_eq!(Language::of_locale(variables.map(|it| Some(it.to_owned()))), language);
        }
        assert_eq!(Language::of_locale([None, None, Some("vi".to_owned())]), Vietnamese);
    }

    #[test]
    fn the_header_decides() {
        use Language::{English, Vietnamese};
        for (header, language) in [
            ("", English),
            ("vi", Vietnamese),
            ("vi-VN,vi;q=0.9,en;q=0.8", Vietnamese),
            ("en-US,en;q=0.9,vi;q=0.8", English),
            ("vi;q=0.5, en;q=0.7", English),
            ("en;q=0.5, VI;q=0.501", Vietnamese),
            ("fr, vi;q=0.1", Vietnamese),
            ("fr", English),
            ("vi;q=0, *", English),
            ("en;q=0, *;q=0.5", Vietnamese),
            ("vi;q=0", English),
            ("vi;q=2, en;q=0.1", English),
            ("vi;q=x", English),
            ("*", English),
            ("vi,en", Vietnamese),
            ("en,vi", English),
        ] {
            assert_eq!(Language::accepted(header), language, "{header:?}");
        }
    }
}
