//! The question to the person at the terminal whether something is meant.

use std::io::{self, IsTerminal as _, Write as _};

use crate::auth::Language;

/// Asks, and waits for the answer. Where nobody sits at a terminal the answer is no.
pub fn is_given(question: &str, language: Language) -> io::Result<bool> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Ok(false);
    }
    let mut out = io::stderr().lock();
    let go_on = language.choose("Go on? [y/N]", "Làm tiếp? [c/K]");
    write!(out, "{question}\n{go_on} ")?;
    out.flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(is_yes(&answer))
}

fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_lowercase().as_str(), "y" | "yes" | "c" | "có" | "co")
}

#[cfg(test)]
mod tests {
    use super::is_yes;

    #[test]
    fn only_a_yes_is_one() {
        assert!(["y", "Y\n", "yes", "có\r\n", " c "].iter().all(|answer| is_yes(answer)));
        assert!(["", "\n", "n", "no", "không", "yy"].iter().all(|answer| !is_yes(answer)));
    }
}
