//! Headers of preferences, whose members have weights (RFC 9110, 12.4.2 and 12.5).

/// One member of a header such as `Accept` or `Accept-Language`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Preference<'a> {
    pub name: &'a str,
    /// The text behind the name, the weight included.
    pub parameters: &'a str,
    /// From 0, for a refused member, to 1.
    pub weight: f32,
}

impl<'a> Preference<'a> {
    /// `None` for a member without a name, or with a text that is no weight.
    fn parse(member: &'a str) -> Option<Self> {
        let (name, parameters) = member.split_once(';').unwrap_or((member, ""));
        let name = Some(name.trim()).filter(|name| !name.is_empty())?;
        let weight = parts(parameters)
            .find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")))
            .map_or(Some(1.0), |weight| weight.parse().ok())
            .filter(|weight| (0.0..=1.0).contains(weight))?;
        Some(Self { name, parameters, weight })
    }
}

/// The members of a header's value, in their order; members that cannot be read are left out.
pub fn preferences(value: &str) -> impl Iterator<Item = Preference<'_>> {
    value.split(',').filter_map(Preference::parse)
}

/// The parts of parameters between semicolons.
pub fn parts(parameters: &str) -> impl Iterator<Item = &str> {
    parameters.split(';').map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_have_names_and_weights() {
        let read = |value| preferences(value).map(|it| (it.name, it.weight)).collect::<Vec<_>>();
        assert_eq!(read("vi-VN, vi;q=0.9 , *;Q=0"), [("vi-VN", 1.0), ("vi", 0.9), ("*", 0.0)]);
        assert_eq!(read("text/html;level=1;q=0.5"), [("text/html", 0.5)]);
        assert_eq!(read(",;q=1, a;q=2, b;q=-1, c;q=x, d;q=NaN"), []);
    }
}
