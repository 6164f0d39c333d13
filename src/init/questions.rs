//! The federation's name and code, by flags, or by questions to the person at the terminal.

use std::io::{BufRead, Write};

use super::federation::{Federation, suggested_code};
use crate::auth::Language;
use crate::domain::command::UpsertUnit;
use crate::domain::text::normalise;
use crate::domain::{Command, Patch, Problem};
use crate::exchange;
use crate::messages::init::{ASK_LANGUAGE, CODE_CHARACTERS, InitFault, Question};
use crate::writer::importer;

/// The terminal at which somebody can be asked.
pub struct Terminal<'a> {
    pub input: &'a mut dyn BufRead,
    pub output: &'a mut dyn Write,
}

impl Terminal<'_> {
    /// The answer, in the one spelling of its letters, and without white space around it.
    fn ask(&mut self, question: &str) -> anyhow::Result<String> {
        self.output.write_all(question.as_bytes())?;
        self.output.flush()?;
        let mut line = String::new();
        if self.input.read_line(&mut line)? == 0 {
            return Err(InitFault::NotAnswered.into());
        }
        Ok(normalise(&line))
    }

    /// Asks until the answer is good; `suggested` is the answer of those who give none.
    fn ask_until_good(
        &mut self,
        question: Question<'_>,
        suggested: &str,
        language: Language,
        fault: impl Fn(&str) -> Result<(), InitFault>,
    ) -> anyhow::Result<String> {
        loop {
            let answer = self.ask(&question.text(language))?;
            let answer = if answer.is_empty() { suggested.to_owned() } else { answer };
            match fault(&answer) {
                Ok(()) => return Ok(answer),
                Err(fault) => writeln!(self.output, "{}", fault.text(language))?,
            }
        }
    }
}

/// Vietnamese, unless English is asked for.
pub fn language(terminal: &mut Terminal<'_>) -> anyhow::Result<Language> {
    loop {
        let answer = terminal.ask(ASK_LANGUAGE)?.to_ascii_lowercase();
        match answer.as_str() {
            "" => return Ok(Language::Vietnamese),
            answer => {
                if let Ok(language) = answer.parse() {
                    return Ok(language);
                }
            }
        }
    }
}

/// The federation, by what the flags say, and by the terminal for the rest.
///
/// # Errors
/// [`InitFault`] when nobody can be asked, or a name or a code is none.
pub fn federation(
    name: Option<String>,
    code: Option<String>,
    terminal: Option<&mut Terminal<'_>>,
    language: Language,
) -> anyhow::Result<Federation> {
    let (name, code) = (name.map(|it| normalise(&it)), code.map(|it| normalise(&it)));
    for (is_code, given) in [(false, &name), (true, &code)] {
        if let Some(given) = given {
            check(is_code, given)?;
        }
    }
    let Some(terminal) = terminal else {
        let (Some(name), Some(code)) = (name, code) else {
            return Err(InitFault::NobodyToAsk.into());
        };
        return Ok(Federation { name, code });
    };
    let name = match name {
        Some(name) => name,
        None => terminal.ask_until_good(Question::Name, "", language, |it| check(false, it))?,
    };
    let code = match code {
        Some(code) => code,
        None => {
            let suggested = suggested_code(&name);
            let question = Question::Code { suggested: &suggested };
            terminal.ask_until_good(question, &suggested, language, |it| check(true, it))?
        }
    };
    Ok(Federation { name, code })
}

/// Judges a name or a code as the server does.
fn check(is_code: bool, text: &str) -> Result<(), InitFault> {
    let (code, name) = if is_code { (text, "x") } else { ("x", text) };
    let name = Patch::Set(name.to_owned());
    let unit = UpsertUnit { code: code.to_owned(), name, ..UpsertUnit::default() };
    if !text.is_empty() && exchange::is_garbled(text) {
        return Err(InitFault::Garbled { value: text.to_owned() });
    }
    let is_of_code = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if is_code && (text.len() > CODE_CHARACTERS || !text.chars().all(is_of_code)) {
        return Err(InitFault::BadCode { value: text.to_owned() });
    }
    let problem = if text.is_empty() {
        Some(Problem::Empty)
    } else {
        let refusals = importer::check(Command::UpsertUnit(unit), false).err().unwrap_or_default();
        refusals.into_iter().next().map(|refusal| refusal.problem)
    };
    problem.map_or(Ok(()), |problem| Err(InitFault::refused(is_code, text, problem)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "Liên đoàn Lao động tỉnh Bình Minh";

    /// The federation that answers at a terminal make, and what the terminal showed.
    fn answered(answers: &str, name: Option<&str>) -> (anyhow::Result<Federation>, String) {
        let (mut input, mut output) = (answers.as_bytes(), Vec::new());
        let mut terminal = Terminal { input: &mut input, output: &mut output };
        let name = name.map(str::to_owned);
        let made = federation(name, None, Some(&mut terminal), Language::Vietnamese);
        (made, String::from_utf8(output).unwrap())
    }

    #[test]
    fn only_the_missing_is_asked_for_and_a_code_is_suggested() {
        let (made, shown) = answered(&format!("{NAME}\n\n"), None);
        assert_eq!(made.unwrap(), Federation { name: NAME.into(), code: "ldld-binh-minh".into() });
        assert!(shown.contains("Tên đầy đủ") && shown.contains("[ldld-binh-minh]"), "{shown}");
        let (made, shown) = answered("binhminh\n", Some(NAME));
        assert_eq!(made.unwrap().code, "binhminh");
        assert!(!shown.contains("Tên đầy đủ"), "{shown}");
    }

    #[test]
    fn a_bad_answer_is_asked_for_again_and_no_answer_ends_it() {
        let long = "a".repeat(1_000);
        let (made, shown) = answered(&format!("{long}\nngan\n"), Some(NAME));
        assert_eq!(made.unwrap().code, "ngan");
        assert!(shown.contains("không dùng làm mã được"), "{shown}");
        let fault = answered("\n", None).0.unwrap_err();
        assert_eq!(fault.downcast_ref(), Some(&InitFault::NotAnswered));
    }

    #[test]
    fn flags_are_judged_where_nobody_is_asked() {
        let of = |name: &str, code: &str| {
            let fault = federation(Some(name.into()), Some(code.into()), None, Language::English);
            fault.unwrap_err().to_string()
        };
        assert_eq!(of(" ", "x"), "\"\" cannot be the name: it must not be empty");
        assert_eq!(of(NAME, ""), "\"\" cannot be the code: it must not be empty");
        let fault = federation(None, Some("x".into()), None, Language::English).unwrap_err();
        assert_eq!(fault.downcast_ref(), Some(&InitFault::NobodyToAsk));
    }

    #[test]
    fn the_language_is_vietnamese_unless_english_is_asked_for() {
        for (answers, expected) in [
            ("\n", Language::Vietnamese),
            ("vi\n", Language::Vietnamese),
            ("français\nEN\n", Language::English),
        ] {
            let (mut input, mut output) = (answers.as_bytes(), Vec::new());
            let mut terminal = Terminal { input: &mut input, output: &mut output };
            assert_eq!(language(&mut terminal).unwrap(), expected);
        }
    }
}
