//! The words that the two databases have for the same thing, in statements that they otherwise share.

/// The words of one database for things that the other calls otherwise.
#[derive(Debug)]
pub struct Dialect {
    /// A statement that counts the relations of a name: 0 or 1.
    pub count_relation: &'static str,
    /// A statement that counts the indexes of a name that can be used: 0 or 1.
    pub count_index: &'static str,
    /// The column of an initiative's status in a scan of an index that does not begin with it. The database follows the
    /// index of the order then, and sorts nothing.
    pub status_beside_order: &'static str,
    /// Whether the plan of a statement that is put together at run time is kept for the next one of the same text.
    pub keeps_plans: bool,
    /// The initiatives `i` that have the numbers `c.id` of a JSON array, before and after its parameter: each is looked up by
    /// its number, however many there are. Only those where `i.id = c.id` count.
    pub initiatives_by_id: [&'static str; 2],
    /// The work of naming one initiative by the index of words, where looking one title through for words is 1.
    pub naming_cost: f64,
    /// A statement for the numbers of initiatives whose titles have words, before and after its parameter.
    pub ids_by_words: [&'static str; 2],
    /// ` and …` for initiatives `i` whose titles have words, before and after its parameter.
    pub has_words: [&'static str; 2],
    /// One of the words of that parameter, before and after it: the word begins a word of the title.
    pub word: [&'static str; 2],
    /// Stands between the words of that parameter: the title has both.
    pub and: &'static str,
}

impl Dialect {
    /// The parameter for titles that have all of these words, each as the beginning of one.
    pub fn words(&self, words: &[impl AsRef<str>]) -> String {
        let [before, after] = self.word;
        let terms = words.iter().map(|word| format!("{before}{}{after}", word.as_ref()));
        terms.collect::<Vec<String>>().join(self.and)
    }
}
