//! Letters that look like Latin ones, after Unicode Technical Standard 39.
//!
//! Only words that mix scripts are mapped by shape; a word wholly in another script is
//! transliterated by sound instead.

/// Cyrillic, Greek and other letters with the Latin letter they are mistaken for.
const PAIRS: &str = "\
аaАaВbЬbсcСcԁdеeЕeёeЁeҽeғfԍgНhһhіiІiїiЇiɩiӏlјjЈjКkкkΚkκkӀlМmМmмmΜmпnոnΝnоoОoοoΟo\
օoσoрpРpρpΡpԛqгrѕsЅsТtтtΤtτtυuսuνvѵvѴvԝwшwхxХxχxΧxуyУyүyΥyγyΖzзzαaΑaβbΒbεeΕeηnΗh\
ιiΙiωwɑaɡgɪiʏyᴏo";

/// The Latin letter that `symbol` looks like.
pub fn latin(symbol: char) -> Option<char> {
    let mut symbols = PAIRS.chars();
    while let (Some(foreign), Some(latin)) = (symbols.next(), symbols.next()) {
        if foreign == symbol {
            return Some(latin);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_is_a_foreign_letter_and_a_latin_one() {
        let symbols: Vec<char> = PAIRS.chars().collect();
        for pair in symbols.chunks(2) {
            assert!(
                !pair[0].is_ascii() && pair[1].is_ascii_lowercase(),
                "{pair:?}"
            );
        }
        assert_eq!(latin('ω'), Some('w'));
        assert_eq!(latin('ж'), None);
    }
}
