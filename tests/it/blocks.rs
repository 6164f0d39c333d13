//! The fenced blocks of a document, as a reader copies them.

/// A fenced block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    pub language: String,
    pub text: String,
    /// The line of the document on which the block's text begins, from 1.
    pub line: usize,
}

/// All blocks of a document, in its order.
///
/// # Panics
/// When a fence names no language or is not closed, and when a block is shown by indentation alone: nobody could tell
/// what it is.
pub fn blocks(document: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = (1..).zip(document.lines());
    let mut is_behind_blank = true;
    while let Some((number, line)) = lines.next() {
        if let Some(language) = line.trim_start().strip_prefix("```") {
            assert!(!language.is_empty(), "line {number}: a block without a language");
            let mut text = String::new();
            loop {
                let (_, line) = lines.next().expect("the block is closed");
                if line.trim() == "```" {
                    break;
                }
                text.push_str(line);
                text.push('\n');
            }
            blocks.push(Block { language: language.to_owned(), text, line: number + 1 });
        }
        let is_shown = is_behind_blank && line.starts_with("    ") && !line.trim().is_empty();
        assert!(!is_shown, "line {number}: a block without a fence: {line}");
        is_behind_blank = line.trim().is_empty();
    }
    blocks
}

/// The spans of code in a document's running text, outside of its blocks.
pub fn spans(document: &str) -> Vec<String> {
    let mut is_prose = true;
    let prose = document.lines().filter(|line| {
        let is_fence = line.trim_start().starts_with("```");
        is_prose ^= is_fence;
        is_prose && !is_fence
    });
    let prose: Vec<&str> = prose.collect();
    let prose = prose.join("\n");
    prose.split('`').skip(1).step_by(2).map(|span| span.replace('\n', " ")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_found_with_their_language() {
        let document = "# One\n\n```sh\ncurl a\n\n  b\n```\n\n- list\n  goes on\n\n```js\n1\n```\n";
        let block = |language: &str, text: &str, line| Block {
            language: language.to_owned(),
            text: text.to_owned(),
            line,
        };
        assert_eq!(blocks(document), [block("sh", "curl a\n\n  b\n", 4), block("js", "1\n", 13)]);
        assert_eq!(spans("a `b`\n```sh\n`c`\n```\n`d\ne`"), ["b", "d e"]);
    }

    #[test]
    #[should_panic(expected = "line 3: a block without a fence")]
    fn an_indented_block_is_refused() {
        blocks("Run\n\n    cargo test\n");
    }

    #[test]
    #[should_panic(expected = "line 1: a block without a language")]
    fn a_block_of_no_language_is_refused() {
        blocks("```\ncargo test\n```\n");
    }
}
