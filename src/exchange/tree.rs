//! The order in which rows that name one another can be carried out.

use std::collections::HashMap;

use super::bad_lines::BadLine;
use super::why::Why;

/// A row that hangs under another thing of its kind, in the file or not.
#[derive(Debug, Clone)]
pub struct Node<'a> {
    pub line: u64,
    pub code: &'a str,
    pub parent: Option<&'a str>,
}

/// The rows' places, from the top of the tree that they make down to its leaves, else as in the file.
///
/// Carried out in that order no row hangs anything under itself on the way, as long as it does not
/// in the end: when a row's turn comes, all that it lies under stands where it will stay.
/// `outside` tells what a thing that is not in the file hangs under.
///
/// # Errors
/// The circles, each told at its first row.
pub fn top_down<'a>(
    nodes: &[Node<'a>],
    circle_of: impl Fn(Vec<String>) -> Why,
    outside: impl Fn(&'a str) -> Option<&'a str>,
) -> Result<Vec<usize>, Vec<BadLine>> {
    let places: HashMap<&str, usize> =
        nodes.iter().enumerate().map(|(place, node)| (node.code, place)).collect();
    let above = |code: &'a str| match places.get(code) {
        Some(&place) => nodes[place].parent,
        None => outside(code),
    };
    let mut depths: HashMap<&str, usize> = HashMap::new();
    let mut bad = Vec::new();
    for node in nodes {
        let mut climbed = Vec::new();
        let mut next = Some(node.code);
        let mut depth = 0;
        let mut on_the_way: HashMap<&str, usize> = HashMap::new();
        while let Some(code) = next {
            if let Some(&known) = depths.get(code) {
                depth = known + 1;
                break;
            }
            if let Some(&first) = on_the_way.get(code) {
                bad.push(circle(&climbed[first..], &places, nodes, &circle_of));
                break;
            }
            on_the_way.insert(code, climbed.len());
            climbed.push(code);
            next = above(code);
        }
        for code in climbed.into_iter().rev() {
            depths.insert(code, depth);
            depth += 1;
        }
    }
    if !bad.is_empty() {
        return Err(bad);
    }
    let mut order: Vec<usize> = (0..nodes.len()).collect();
    order.sort_by_key(|&place| depths[nodes[place].code]);
    Ok(order)
}

fn circle(
    codes: &[&str],
    places: &HashMap<&str, usize>,
    nodes: &[Node<'_>],
    circle_of: &impl Fn(Vec<String>) -> Why,
) -> BadLine {
    // The database has none, so at least one of them is in the file.
    let rows = codes.iter().enumerate().filter_map(|(at, code)| Some((places.get(code)?, at)));
    let (&first, at) = rows.min().unwrap_or((&0, 0));
    let round = codes[at..].iter().chain(&codes[..at]).chain([&codes[at]]);
    let why = circle_of(round.map(|code| (*code).to_owned()).collect());
    let node = &nodes[first];
    BadLine::at(node.line, "parent_code", node.parent.unwrap_or_default(), why)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit_circle(codes: Vec<String>) -> Why {
        Why::UnitCircle { codes }
    }

    fn node(line: u64, code: &'static str, parent: Option<&'static str>) -> Node<'static> {
        Node { line, code, parent }
    }

    #[test]
    fn parents_come_first_and_circles_are_named() {
        let outside = |code: &str| match code {
            "x" => Some("y"),
            _ => None,
        };
        let nodes = [
            node(2, "leaf", Some("x")),
            node(3, "y", Some("top")),
            node(4, "top", None),
            node(5, "twig", Some("leaf")),
        ];
        assert_eq!(top_down(&nodes, unit_circle, outside), Ok(vec![2, 1, 0, 3]));
        let nodes = [
            node(2, "below", Some("b")),
            node(3, "b", Some("x")),
            node(4, "y", Some("a")),
            node(5, "a", Some("b")),
        ];
        let told = top_down(&nodes, unit_circle, outside).unwrap_err();
        let told: Vec<String> = told.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            ["line 3, parent_code \"x\": the unit would lie under itself: b → x → y → a → b"]
        );
    }
}
