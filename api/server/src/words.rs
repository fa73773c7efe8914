//! Texts in the two languages, and which one a reader wants.

use actix_web::http::header::{ACCEPT_LANGUAGE, HeaderMap};

/// The languages of error texts and documentation pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// Indonesian, unless English is preferred.
    #[default]
    Indonesian,
    /// English.
    English,
}

impl Language {
    /// The reader's language by `Accept-Language`: the one with the higher
    /// weight, Indonesian when neither is named.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Language {
        let Some(text) = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()) else { return Language::Indonesian };
        let (mut id, mut en) = (0u16, 0u16);
        for item in text.split(',') {
            let mut parts = item.split(';');
            let tag = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
            let weight = weight(parts);
            match tag.split('-').next() {
                Some("id" | "in") => id = id.max(weight),
                Some("en") => en = en.max(weight),
                _ => {}
            }
        }
        if en > id { Language::English } else { Language::Indonesian }
    }

    /// The tag of `Content-Language` and of ETags.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Language::Indonesian => "id",
            Language::English => "en",
        }
    }
}

/// The weight of an item of an Accept header, in thousandths.
pub(crate) fn weight<'a>(parameters: impl Iterator<Item = &'a str>) -> u16 {
    for parameter in parameters {
        if let Some(value) = parameter.trim().strip_prefix("q=").or_else(|| parameter.trim().strip_prefix("Q=")) {
            return value.trim().parse::<f32>().map_or(0, |weight| (weight.clamp(0.0, 1.0) * 1000.0) as u16);
        }
    }
    1000
}

/// A text in Indonesian and in English.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Indonesian.
    pub id: String,
    /// English.
    pub en: String,
}

impl Text {
    /// The text in both languages.
    pub fn new(id: impl Into<String>, en: impl Into<String>) -> Text {
        Text { id: id.into(), en: en.into() }
    }

    /// The text in one language.
    #[must_use]
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::Indonesian => &self.id,
            Language::English => &self.en,
        }
    }
}

impl From<(&str, &str)> for Text {
    fn from((id, en): (&str, &str)) -> Text {
        Text::new(id, en)
    }
}

/// Picks from a pair of fixed texts.
#[must_use]
pub const fn pick(language: Language, pair: (&'static str, &'static str)) -> &'static str {
    match language {
        Language::Indonesian => pair.0,
        Language::English => pair.1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    #[test]
    fn the_heavier_language_wins_and_indonesian_is_the_default() {
        for (header, expected) in [
            ("", "id"),
            ("en", "en"),
            ("en-GB,en;q=0.9,id;q=0.1", "en"),
            ("id,en;q=0.9", "id"),
            ("id;q=0.2, en;q=0.3", "en"),
            ("de", "id"),
            ("en;q=0", "id"),
            ("en;q=x", "id"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_str(header).unwrap());
            assert_eq!(Language::of(&headers).tag(), expected, "{header}");
        }
    }
}
