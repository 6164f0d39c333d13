//! The faults of documents and variables, with messages in both languages.

use std::borrow::Cow;

use async_graphql::Pos;

use super::Refusal;
use crate::auth::Language;
use crate::limits::{ERROR_NAME_MAX, VALIDATION_ERRORS_MAX};
use crate::messages::ErrorMessage;

/// A fault that makes a request invalid. The client's own names are shortened by [`cut`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Invalid {
    OperationTwice(String),
    AnonymousBesideOthers,
    FragmentTwice(String),
    SubscriptionFields,
    SubscriptionIntrospection,
    SubscriptionCondition,
    UnknownType {
        name: String,
        near: Option<String>,
    },
    NotComposite(String),
    NotInput {
        variable: String,
        of_type: String,
    },
    LeafSelected {
        field: String,
        of_type: String,
    },
    NothingSelected {
        field: String,
        of_type: String,
    },
    UnknownField {
        parent: String,
        name: String,
        near: Option<String>,
    },
    UnknownFragment(String),
    UnusedFragment(String),
    ImpossibleSpread {
        parent: String,
        on: String,
    },
    FragmentCycle(String),
    VariableTwice(String),
    UndefinedVariable(String),
    UnusedVariable(String),
    UnknownDirective {
        name: String,
        near: Option<String>,
    },
    MisplacedDirective(String),
    DirectiveTwice(String),
    UnknownArgument {
        owner: String,
        name: String,
        near: Option<String>,
    },
    ArgumentTwice(String),
    MissingArgument {
        owner: String,
        name: String,
        of_type: String,
    },
    InputFieldTwice(String),
    UnknownInputField {
        of: String,
        name: String,
        near: Option<String>,
    },
    MissingInputField {
        of: String,
        name: String,
        of_type: String,
    },
    OneOfFields(String),
    OneOfNull {
        of: String,
        name: String,
    },
    WrongValue {
        found: String,
        expected: String,
        form: Form,
    },
    VariablePosition {
        name: String,
        of_type: String,
        expected: String,
    },
    OneOfVariable {
        name: String,
        of_type: String,
        of: String,
    },
    DifferentFields(String),
    DifferentArguments(String),
    DifferentTypes(String),
    IntrospectionTooDeep,
    MissingVariable {
        name: String,
        of_type: String,
    },
    /// A fault in the value of a variable, at a path such as `$input.goals[2].goal`.
    InVariable {
        path: String,
        invalid: Box<Self>,
    },
}

/// The form of a value, where the message should state it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// The name of the type says enough.
    Plain,
    Int,
    Long,
    Day,
    Moment,
    /// The nearest value of an enum.
    Near(String),
}

impl Form {
    fn text(&self, language: Language) -> Cow<'static, str> {
        use Language::{English, Vietnamese};
        Cow::Borrowed(match (self, language) {
            (Self::Plain, _) => "",
            (Self::Int, English) => ", an integer of 32 bits",
            (Self::Int, Vietnamese) => ", số nguyên 32 bit",
            (Self::Long, English) => ", an integer of at most 2^53-1",
            (Self::Long, Vietnamese) => ", số nguyên không quá 2^53-1",
            (Self::Day, English) => ", a day such as 2022-05-31",
            (Self::Day, Vietnamese) => ", ngày viết như 2022-05-31",
            (Self::Moment, English) => ", a moment such as 2022-05-31T17:00:00+07:00",
            (Self::Moment, Vietnamese) => ", thời điểm viết như 2022-05-31T17:00:00+07:00",
            (Self::Near(name), language) => {
                return Cow::Owned(near(Some(name), language));
            }
        })
    }
}

impl Invalid {
    pub fn text(&self, language: Language) -> String {
        match language {
            Language::English => self.english(),
            Language::Vietnamese => self.vietnamese(),
        }
    }

    fn english(&self) -> String {
        let near = |name: &Option<String>| near(name.as_deref(), Language::English);
        match self {
            Self::OperationTwice(name) => format!("two operations are named {name}"),
            Self::AnonymousBesideOthers => {
                "an operation without a name must be the only one".to_owned()
            }
            Self::FragmentTwice(name) => format!("two fragments are named {name}"),
            Self::SubscriptionFields => {
                "a subscription selects exactly one field at its top level".to_owned()
            }
            Self::SubscriptionIntrospection => {
                "a subscription selects no field of introspection at its top level".to_owned()
            }
            Self::SubscriptionCondition => {
                "@skip and @include cannot stand at the top level of a subscription".to_owned()
            }
            Self::UnknownType { name, near: it } => format!("there is no type {name}{}", near(it)),
            Self::NotComposite(name) => {
                format!("type {name} has no fields that a fragment could select")
            }
            Self::NotInput { variable, of_type } => {
                format!(
                    "variable ${variable} cannot be of type {of_type}, which is no type of inputs"
                )
            }
            Self::LeafSelected { field, of_type } => {
                format!("field {field} of type {of_type} has no fields to select")
            }
            Self::NothingSelected { field, of_type } => {
                format!("field {field} of type {of_type} needs a selection of its fields")
            }
            Self::UnknownField { parent, name, near: it } => {
                format!("type {parent} has no field {name}{}", near(it))
            }
            Self::UnknownFragment(name) => format!("there is no fragment {name}"),
            Self::UnusedFragment(name) => format!("fragment {name} is not used"),
            Self::ImpossibleSpread { parent, on } => {
                format!("no object is both of type {parent} and of type {on}")
            }
            Self::FragmentCycle(name) => format!("fragment {name} contains itself"),
            Self::VariableTwice(name) => format!("variable ${name} is declared twice"),
            Self::UndefinedVariable(name) => format!("variable ${name} is not declared"),
            Self::UnusedVariable(name) => format!("variable ${name} is not used"),
            Self::UnknownDirective { name, near: it } => {
                format!("there is no directive @{name}{}", near(it))
            }
            Self::MisplacedDirective(name) => format!("directive @{name} cannot stand here"),
            Self::DirectiveTwice(name) => format!("directive @{name} cannot stand here twice"),
            Self::UnknownArgument { owner, name, near: it } => {
                format!("{owner} has no argument {name}{}", near(it))
            }
            Self::ArgumentTwice(name) => format!("argument {name} is given twice"),
            Self::MissingArgument { owner, name, of_type } => {
                format!("{owner} needs the argument {name} of type {of_type}")
            }
            Self::InputFieldTwice(name) => format!("input field {name} is given twice"),
            Self::UnknownInputField { of, name, near: it } => {
                format!("input object {of} has no field {name}{}", near(it))
            }
            Self::MissingInputField { of, name, of_type } => {
                format!("input object {of} needs the field {name} of type {of_type}")
            }
            Self::OneOfFields(of) => format!("{of} needs exactly one of its fields"),
            Self::OneOfNull { of, name } => format!("field {name} of {of} must not be null"),
            Self::WrongValue { found, expected, form } => {
                format!("{found} is no value of type {expected}{}", form.text(Language::English))
            }
            Self::VariablePosition { name, of_type, expected } => {
                format!(
                    "variable ${name} of type {of_type} cannot stand where {expected} is expected"
                )
            }
            Self::OneOfVariable { name, of_type, of } => format!(
                "variable ${name} of type {of_type} may be null, which a field of {of} must not be"
            ),
            Self::DifferentFields(name) => format!(
                "different fields would both be named {name} in the answer; give one of them an alias"
            ),
            Self::DifferentArguments(name) => format!(
                "fields with different arguments would both be named {name} in the answer; give one of them an alias"
            ),
            Self::DifferentTypes(name) => format!(
                "fields of different types would both be named {name} in the answer; give one of them an alias"
            ),
            Self::IntrospectionTooDeep => {
                "introspection nests lists of fields and types too deeply".to_owned()
            }
            Self::MissingVariable { name, of_type } => {
                format!("variable ${name} of type {of_type} needs a value")
            }
            Self::InVariable { path, invalid } => format!("variable {path}: {}", invalid.english()),
        }
    }

    fn vietnamese(&self) -> String {
        let near = |name: &Option<String>| near(name.as_deref(), Language::Vietnamese);
        match self {
            Self::OperationTwice(name) => format!("có hai thao tác cùng tên {name}"),
            Self::AnonymousBesideOthers => {
                "thao tác không có tên phải là thao tác duy nhất".to_owned()
            }
            Self::FragmentTwice(name) => format!("có hai fragment cùng tên {name}"),
            Self::SubscriptionFields => {
                "subscription phải chọn đúng một trường ở cấp cao nhất".to_owned()
            }
            Self::SubscriptionIntrospection => {
                "subscription không được chọn trường introspection ở cấp cao nhất".to_owned()
            }
            Self::SubscriptionCondition => {
                "không được đặt @skip và @include ở cấp cao nhất của subscription".to_owned()
            }
            Self::UnknownType { name, near: it } => format!("không có kiểu {name}{}", near(it)),
            Self::NotComposite(name) => {
                format!("kiểu {name} không có trường nào để fragment chọn")
            }
            Self::NotInput { variable, of_type } => format!(
                "biến ${variable} không thể thuộc kiểu {of_type}, vì đó không phải kiểu đầu vào"
            ),
            Self::LeafSelected { field, of_type } => {
                format!("trường {field} kiểu {of_type} không có trường con để chọn")
            }
            Self::NothingSelected { field, of_type } => {
                format!("phải chọn trường con của trường {field} kiểu {of_type}")
            }
            Self::UnknownField { parent, name, near: it } => {
                format!("kiểu {parent} không có trường {name}{}", near(it))
            }
            Self::UnknownFragment(name) => format!("không có fragment {name}"),
            Self::UnusedFragment(name) => format!("fragment {name} không được dùng"),
            Self::ImpossibleSpread { parent, on } => {
                format!("không có đối tượng nào vừa thuộc kiểu {parent} vừa thuộc kiểu {on}")
            }
            Self::FragmentCycle(name) => format!("fragment {name} chứa chính nó"),
            Self::VariableTwice(name) => format!("biến ${name} được khai báo hai lần"),
            Self::UndefinedVariable(name) => format!("biến ${name} chưa được khai báo"),
            Self::UnusedVariable(name) => format!("biến ${name} không được dùng"),
            Self::UnknownDirective { name, near: it } => {
                format!("không có chỉ thị @{name}{}", near(it))
            }
            Self::MisplacedDirective(name) => format!("không được đặt chỉ thị @{name} ở đây"),
            Self::DirectiveTwice(name) => format!("không được đặt chỉ thị @{name} ở đây hai lần"),
            Self::UnknownArgument { owner, name, near: it } => {
                format!("{owner} không có tham số {name}{}", near(it))
            }
            Self::ArgumentTwice(name) => format!("tham số {name} được nêu hai lần"),
            Self::MissingArgument { owner, name, of_type } => {
                format!("{owner} thiếu tham số {name} kiểu {of_type}")
            }
            Self::InputFieldTwice(name) => format!("trường đầu vào {name} được nêu hai lần"),
            Self::UnknownInputField { of, name, near: it } => {
                format!("kiểu đầu vào {of} không có trường {name}{}", near(it))
            }
            Self::MissingInputField { of, name, of_type } => {
                format!("kiểu đầu vào {of} thiếu trường {name} kiểu {of_type}")
            }
            Self::OneOfFields(of) => format!("phải nêu đúng một trường của {of}"),
            Self::OneOfNull { of, name } => format!("trường {name} của {of} không được là null"),
            Self::WrongValue { found, expected, form } => format!(
                "{found} không phải là giá trị kiểu {expected}{}",
                form.text(Language::Vietnamese)
            ),
            Self::VariablePosition { name, of_type, expected } => {
                format!("biến ${name} kiểu {of_type} không dùng được ở chỗ cần kiểu {expected}")
            }
            Self::OneOfVariable { name, of_type, of } => format!(
                "biến ${name} kiểu {of_type} có thể là null, mà trường của {of} thì không được"
            ),
            Self::DifferentFields(name) => format!(
                "các trường khác nhau sẽ cùng mang tên {name} trong câu trả lời; hãy đặt bí danh cho một trường"
            ),
            Self::DifferentArguments(name) => format!(
                "các trường có tham số khác nhau sẽ cùng mang tên {name} trong câu trả lời; hãy đặt bí danh cho một trường"
            ),
            Self::DifferentTypes(name) => format!(
                "các trường khác kiểu sẽ cùng mang tên {name} trong câu trả lời; hãy đặt bí danh cho một trường"
            ),
            Self::IntrospectionTooDeep => {
                "introspection lồng các danh sách trường và kiểu quá sâu".to_owned()
            }
            Self::MissingVariable { name, of_type } => {
                format!("thiếu giá trị của biến ${name} kiểu {of_type}")
            }
            Self::InVariable { path, invalid } => format!("biến {path}: {}", invalid.vietnamese()),
        }
    }

    pub fn at(self, pos: Pos) -> Refusal {
        Refusal::invalid(pos, ErrorMessage::Invalid(self))
    }
}

fn near(name: Option<&str>, language: Language) -> String {
    match (name, language) {
        (None, _) => String::new(),
        (Some(name), Language::English) => format!("; did you mean {name}?"),
        (Some(name), Language::Vietnamese) => format!("; có phải là {name}?"),
    }
}

/// The name that the client may have meant; `None` if all names are far from the text.
pub fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<String> {
    if name.chars().nth(ERROR_NAME_MAX).is_some() {
        return None;
    }
    let letters = name.chars().count();
    let most = letters * 2 / 5 + 1;
    let lower = name.to_lowercase();
    names
        // Names whose lengths differ by more are that far apart at least.
        .filter(|it| it.chars().count().abs_diff(letters) <= most)
        .map(|it| (strsim::levenshtein(&lower, &it.to_lowercase()), it))
        .filter(|(distance, _)| *distance <= most)
        .min()
        .map(|(_, it)| it.to_owned())
}

/// The beginning of a client's text that an error repeats.
pub fn cut(text: &str) -> String {
    match text.char_indices().nth(ERROR_NAME_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The first errors of a request; later ones are dropped.
#[derive(Debug, Default)]
pub struct Errors(Vec<Refusal>);

impl Errors {
    pub fn add(&mut self, pos: Pos, invalid: Invalid) {
        if !self.is_full() {
            self.0.push(invalid.at(pos));
        }
    }

    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub const fn is_full(&self) -> bool {
        self.0.len() >= VALIDATION_ERRORS_MAX
    }

    pub fn into_list(self) -> Vec<Refusal> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_say_something_of_their_own() {
        let text = |text: &str| text.to_owned();
        let near = || Some("b".to_owned());
        let wrong = |form| Invalid::WrongValue { found: text("a"), expected: text("b"), form };
        let all = [
            Invalid::OperationTwice(text("a")),
            Invalid::AnonymousBesideOthers,
            Invalid::FragmentTwice(text("a")),
            Invalid::SubscriptionFields,
            Invalid::SubscriptionIntrospection,
            Invalid::SubscriptionCondition,
            Invalid::UnknownType { name: text("a"), near: near() },
            Invalid::NotComposite(text("a")),
            Invalid::NotInput { variable: text("a"), of_type: text("b") },
            Invalid::LeafSelected { field: text("a"), of_type: text("b") },
            Invalid::NothingSelected { field: text("a"), of_type: text("b") },
            Invalid::UnknownField { parent: text("a"), name: text("b"), near: near() },
            Invalid::UnknownFragment(text("a")),
            Invalid::UnusedFragment(text("a")),
            Invalid::ImpossibleSpread { parent: text("a"), on: text("b") },
            Invalid::FragmentCycle(text("a")),
            Invalid::VariableTwice(text("a")),
            Invalid::UndefinedVariable(text("a")),
            Invalid::UnusedVariable(text("a")),
            Invalid::UnknownDirective { name: text("a"), near: near() },
            Invalid::MisplacedDirective(text("a")),
            Invalid::DirectiveTwice(text("a")),
            Invalid::UnknownArgument { owner: text("a"), name: text("b"), near: None },
            Invalid::ArgumentTwice(text("a")),
            Invalid::MissingArgument { owner: text("a"), name: text("b"), of_type: text("c") },
            Invalid::InputFieldTwice(text("a")),
            Invalid::UnknownInputField { of: text("a"), name: text("b"), near: near() },
            Invalid::MissingInputField { of: text("a"), name: text("b"), of_type: text("c") },
            Invalid::OneOfFields(text("a")),
            Invalid::OneOfNull { of: text("a"), name: text("b") },
            wrong(Form::Plain),
            wrong(Form::Int),
            wrong(Form::Long),
            wrong(Form::Day),
            wrong(Form::Moment),
            wrong(Form::Near(text("c"))),
            Invalid::VariablePosition { name: text("a"), of_type: text("b"), expected: text("c") },
            Invalid::OneOfVariable { name: text("a"), of_type: text("b"), of: text("c") },
            Invalid::DifferentFields(text("a")),
            Invalid::DifferentArguments(text("a")),
            Invalid::DifferentTypes(text("a")),
            Invalid::IntrospectionTooDeep,
            Invalid::MissingVariable { name: text("a"), of_type: text("b") },
            Invalid::InVariable {
                path: text("$a.b"),
                invalid: Box::new(Invalid::OneOfFields(text("c"))),
            },
        ];
        let mut texts = Vec::new();
        for invalid in &all {
            let english = invalid.text(Language::English);
            let vietnamese = invalid.text(Language::Vietnamese);
            assert!(english.is_ascii(), "{english}");
            assert!(!vietnamese.is_ascii(), "{vietnamese}");
            texts.extend([english, vietnamese]);
        }
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts.len(), 2 * all.len(), "each message differs");
    }

    #[test]
    fn a_name_far_from_all_has_no_nearest() {
        let nearest = |name: &str| nearest(name, ["code", "children", "parent"].into_iter());
        assert_eq!(nearest("childern").as_deref(), Some("children"));
        assert_eq!(nearest("CODE").as_deref(), Some("code"));
        assert_eq!(nearest("somethingElse"), None);
        assert_eq!(nearest(&"c".repeat(ERROR_NAME_MAX + 1)), None);
    }

    #[test]
    fn long_names_are_cut_between_characters() {
        assert_eq!(cut("sáng kiến"), "sáng kiến");
        assert_eq!(
            cut(&"á".repeat(ERROR_NAME_MAX + 1)),
            format!("{}…", "á".repeat(ERROR_NAME_MAX))
        );
    }

    #[test]
    fn only_the_first_errors_are_reported() {
        let mut errors = Errors::default();
        for _ in 0..VALIDATION_ERRORS_MAX + 5 {
            errors.add(Pos::default(), Invalid::AnonymousBesideOthers);
        }
        assert!(errors.is_full());
        assert_eq!(errors.into_list().len(), VALIDATION_ERRORS_MAX);
    }
}
