//! The words of the site, in both languages, from one file (`site/words.toml`).

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};

/// A language of the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Lang {
    /// Indonesian, at `/`.
    Id,
    /// English, under `/en/`.
    En,
}

impl Lang {
    pub(crate) const ALL: [Lang; 2] = [Lang::Id, Lang::En];

    pub(crate) const fn code(self) -> &'static str {
        match self {
            Lang::Id => "id",
            Lang::En => "en",
        }
    }
}

/// What a word that is not in the file is shown between; the check of the
/// built site refuses pages that hold it.
pub(crate) const UNKNOWN: char = '‹';

/// One text in both languages.
#[derive(Debug, Clone, serde::Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Both {
    pub(crate) id: String,
    pub(crate) en: String,
}

impl Both {
    pub(crate) fn of(&self, lang: Lang) -> &str {
        match lang {
            Lang::Id => &self.id,
            Lang::En => &self.en,
        }
    }
}

/// All words by key.
#[derive(Debug)]
pub(crate) struct Words(BTreeMap<String, Both>);

impl Words {
    pub(crate) fn read(path: &Path) -> Result<Words> {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read the words of the site at {}", path.display()))?;
        Words::parse(&text).with_context(|| format!("in {}", path.display()))
    }

    fn parse(text: &str) -> Result<Words> {
        let words: BTreeMap<String, Both> = toml::from_str(text).context("each word is a line `key = { id = \"…\", en = \"…\" }`")?;
        for (key, both) in &words {
            if both.id.trim().is_empty() || both.en.trim().is_empty() {
                bail!("the word `{key}` lacks a language");
            }
        }
        Ok(Words(words))
    }

    /// The word of a key.
    pub(crate) fn get(&self, lang: Lang, key: &str) -> String {
        self.find(lang, key).map_or_else(|| format!("{UNKNOWN}{key}"), str::to_owned)
    }

    /// The word of a key, when there is one.
    pub(crate) fn find(&self, lang: Lang, key: &str) -> Option<&str> {
        self.0.get(key).map(|both| both.of(lang))
    }

    /// The word of a key with `{name}` replaced by each value named so.
    pub(crate) fn fill(&self, lang: Lang, key: &str, values: &[(&str, &str)]) -> String {
        values.iter().fold(self.get(lang, key), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    }

    /// All words of one language, for the templates.
    pub(crate) fn of(&self, lang: Lang) -> BTreeMap<&str, &str> {
        self.0.iter().map(|(key, both)| (key.as_str(), both.of(lang))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_without_a_language_is_refused() {
        assert!(Words::parse("a = { id = \"satu\" }").is_err());
        assert!(Words::parse("a = { id = \"satu\", en = \" \" }").is_err());
    }

    #[test]
    fn words_are_filled_and_unknown_ones_stand_out() {
        let words = Words::parse("a = { id = \"{n} keluarga\", en = \"{n} families\" }").unwrap();
        assert_eq!(words.fill(Lang::En, "a", &[("n", "3")]), "3 families");
        assert!(words.get(Lang::Id, "b").starts_with(UNKNOWN));
    }
}
