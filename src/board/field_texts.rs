//! The fields of work that initiatives name, by number: those of the operator's list first, then other texts as they come.
//!
//! Their number is bounded. Texts that come when it is full share one number, so breakdowns still add up, but show no rows
//! of these texts.

use std::sync::Arc;

use rpds::HashTrieMapSync;

use super::paged::Paged;
use crate::domain::field::Fields;
use crate::limits::FIELD_TEXTS_MAX;

/// The number of a field; [`UNSAID`] and [`OTHERS`] are none.
pub type FieldNumber = u16;

/// The answer to who asks for the number of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldLookup {
    Number(FieldNumber),
    /// No initiative names the text.
    Unused,
    /// There may be initiatives that name it, among those that share a number.
    Unknown,
}

/// The number of an initiative without a field.
pub const UNSAID: FieldNumber = 0;
/// The number that all texts share which came when there was no room for more.
pub const OTHERS: FieldNumber = 1;
/// The number of the first field of the list.
const FIRST: FieldNumber = 2;

#[derive(Debug, Clone)]
pub struct FieldTexts {
    /// The operator's list.
    list: Arc<Fields>,
    numbers: HashTrieMapSync<Arc<str>, FieldNumber>,
    /// By number, from the first text that is not in the list.
    texts: Paged<Option<Arc<str>>>,
    next: FieldNumber,
}

impl Default for FieldTexts {
    fn default() -> Self {
        Self::new(Arc::default())
    }
}

impl FieldTexts {
    pub fn new(list: Arc<Fields>) -> Self {
        let next = Self::behind(&list);
        Self { list, numbers: HashTrieMapSync::default(), texts: Paged::default(), next }
    }

    /// The first number behind those of the list.
    fn behind(list: &Fields) -> FieldNumber {
        FIRST + FieldNumber::try_from(list.len()).expect("a list is bounded")
    }

    pub const fn list(&self) -> &Arc<Fields> {
        &self.list
    }

    /// The number of a text; `None` for one that no initiative has named.
    pub fn number(&self, text: &str) -> Option<FieldNumber> {
        let listed = self.list.place(text).map(|place| FIRST + place);
        listed.or_else(|| self.numbers.get(text).copied())
    }

    /// The number of a field, which a new text gets here.
    pub fn number_of(&mut self, field: Option<&str>) -> FieldNumber {
        let Some(text) = field else { return UNSAID };
        if let Some(number) = self.number(text) {
            return number;
        }
        if self.is_full() {
            return OTHERS;
        }
        let (number, text) = (self.next, Arc::<str>::from(text));
        self.numbers.insert_mut(Arc::clone(&text), number);
        *self.texts.get_mut((number - Self::behind(&self.list)).into()) = Some(text);
        self.next += 1;
        number
    }

    /// Whether new texts share a number.
    pub fn is_full(&self) -> bool {
        self.next - Self::behind(&self.list) >= FIELD_TEXTS_MAX
    }

    /// One more than the greatest number.
    pub fn end(&self) -> usize {
        self.next.into()
    }

    /// The numbers of the list, in its order.
    pub fn listed(&self) -> impl Iterator<Item = FieldNumber> + use<> {
        FIRST..Self::behind(&self.list)
    }

    /// The other texts with their numbers.
    pub fn others(&self) -> impl Iterator<Item = (FieldNumber, &Arc<str>)> {
        let behind = Self::behind(&self.list);
        let text = move |number: FieldNumber| {
            let text = self.texts.get((number - behind).into())?.as_ref()?;
            Some((number, text))
        };
        (behind..self.next).filter_map(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_keeps_its_number_and_the_last_ones_share_one() {
        let list = Arc::new(Fields::parse(b"code,name\na,A\nb,B\n").unwrap());
        let mut texts = FieldTexts::new(list);
        let before = texts.clone();
        assert_eq!(texts.number_of(None), UNSAID);
        assert_eq!([texts.number_of(Some("a")), texts.number_of(Some("b"))], [2, 3]);
        assert_eq!(texts.listed().collect::<Vec<_>>(), [2, 3]);
        for text in 0..FIELD_TEXTS_MAX {
            assert_eq!(texts.number_of(Some(&format!("x{text}"))), 4 + text);
        }
        assert!(texts.is_full() && !before.is_full());
        assert_eq!(texts.number_of(Some("one too many")), OTHERS);
        assert_eq!(texts.number_of(Some("x7")), 11);
        assert_eq!(texts.others().count(), usize::from(FIELD_TEXTS_MAX));
        assert_eq!(
            (texts.number("x7"), texts.number("y"), before.number("x7")),
            (Some(11), None, None)
        );
    }
}
