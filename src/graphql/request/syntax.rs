//! Syntax errors: the faults of a text that is no document, in both languages.

use std::fmt;

use super::lexer::{Kind, Token};
use crate::auth::Language;

/// The characters of the client's text that an error repeats at most.
const QUOTED_MAX: usize = 40;

/// A fault at one position of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    Expected {
        expected: Expected,
        found: Found,
    },
    UnexpectedCharacter(char),
    UnterminatedString,
    /// An escape sequence that represents no character.
    BadEscape(Quoted),
    BadNumber(Quoted),
    /// A variable in a default value, or in a directive of a variable's definition.
    VariableInConstant(Quoted),
    /// A definition of a type or a schema, with the name of its keyword.
    TypeSystem(&'static str),
}

/// The tokens that the grammar allows at a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    Definition,
    /// A definition after a description, which excludes the short form of a query.
    DescribedDefinition,
    Name,
    FragmentName,
    Selection,
    Value,
    Type,
    Argument,
    VariableDefinition,
    Token(&'static str),
}

/// The token that was found instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    End,
    Text(Quoted),
}

/// A piece of the client's text, shortened, in quotation marks when it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quoted(String);

impl Quoted {
    pub fn of(text: &str) -> Self {
        match text.char_indices().nth(QUOTED_MAX) {
            None => Self(text.to_owned()),
            Some((end, _)) => Self(format!("{}…", &text[..end])),
        }
    }

    /// A variable, with its dollar sign.
    pub fn variable(name: &str) -> Self {
        Self::of(&format!("${name}"))
    }
}

impl fmt::Display for Quoted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl From<Option<Token<'_>>> for Found {
    fn from(token: Option<Token<'_>>) -> Self {
        match token {
            None => Self::End,
            // A string may be long, and its quotation marks would be quoted again.
            Some(Token { kind: Kind::String | Kind::BlockString, .. }) => {
                Self::Text(Quoted("\"…\"".to_owned()))
            }
            Some(token) => Self::Text(Quoted::of(token.text)),
        }
    }
}

impl Problem {
    pub fn text(&self, language: Language) -> String {
        match language {
            Language::English => format!("Syntax error: {}", self.english()),
            Language::Vietnamese => format!("Lỗi cú pháp: {}", self.vietnamese()),
        }
    }

    fn english(&self) -> String {
        match self {
            Self::Expected { expected, found } => {
                let found = match found {
                    Found::End => "the end of the document".to_owned(),
                    Found::Text(text) => text.to_string(),
                };
                format!("expected {}, found {found}", expected.english())
            }
            Self::UnexpectedCharacter(character) => {
                format!("{character:?} does not belong to GraphQL outside of a string")
            }
            Self::UnterminatedString => {
                "the string that begins here has no end on its line, or a block string no \"\"\" at all"
                    .to_owned()
            }
            Self::BadEscape(text) => format!("{text} stands for no character"),
            Self::BadNumber(text) => format!("{text} is not a number"),
            Self::VariableInConstant(name) => {
                format!("the variable {name} cannot stand in a default value or in a directive of a variable")
            }
            Self::TypeSystem(keyword) => format!(
                "a request holds operations and fragments; \"{keyword}\" defines a part of a schema"
            ),
        }
    }

    fn vietnamese(&self) -> String {
        match self {
            Self::Expected { expected, found } => {
                let found = match found {
                    Found::End => "truy vấn kết thúc ở đây".to_owned(),
                    Found::Text(text) => format!("ở đây lại là {text}"),
                };
                format!("cần {}, nhưng {found}", expected.vietnamese())
            }
            Self::UnexpectedCharacter(character) => {
                format!("{character:?} không thuộc GraphQL khi đứng ngoài chuỗi ký tự")
            }
            Self::UnterminatedString => {
                "chuỗi ký tự bắt đầu ở đây không kết thúc trên cùng dòng, hoặc chuỗi nhiều dòng không có \"\"\""
                    .to_owned()
            }
            Self::BadEscape(text) => format!("{text} không biểu thị ký tự nào"),
            Self::BadNumber(text) => format!("{text} không phải là số"),
            Self::VariableInConstant(name) => {
                format!("biến {name} không được dùng trong giá trị mặc định hay chỉ thị của biến")
            }
            Self::TypeSystem(keyword) => format!(
                "yêu cầu chỉ gồm thao tác và fragment; \"{keyword}\" định nghĩa một phần của lược đồ"
            ),
        }
    }
}

impl Expected {
    fn english(self) -> String {
        match self {
            Self::Definition => "an operation or a fragment".to_owned(),
            Self::DescribedDefinition => {
                "query, mutation, subscription or fragment after a description".to_owned()
            }
            Self::Name => "a name".to_owned(),
            Self::FragmentName => "the name of a fragment, which cannot be \"on\"".to_owned(),
            Self::Selection => "a field or a fragment".to_owned(),
            Self::Value => "a value".to_owned(),
            Self::Type => "a type".to_owned(),
            Self::Argument => "an argument".to_owned(),
            Self::VariableDefinition => "a variable".to_owned(),
            Self::Token(text) => format!("{text:?}"),
        }
    }

    fn vietnamese(self) -> String {
        match self {
            Self::Definition => "một thao tác hoặc fragment".to_owned(),
            Self::DescribedDefinition => {
                "query, mutation, subscription hoặc fragment sau phần mô tả".to_owned()
            }
            Self::Name => "một tên".to_owned(),
            Self::FragmentName => "tên của fragment, khác \"on\"".to_owned(),
            Self::Selection => "một trường hoặc fragment".to_owned(),
            Self::Value => "một giá trị".to_owned(),
            Self::Type => "một kiểu".to_owned(),
            Self::Argument => "một tham số".to_owned(),
            Self::VariableDefinition => "một biến".to_owned(),
            Self::Token(text) => format!("{text:?}"),
        }
    }
}
