//! Numbers in few bytes: seven bits each, the lowest first (LEB128), signed ones folded so that
//! small magnitudes stay small, amounts without the zeros at their end.
//!
//! Reading never panics: what is cut off or too long reads as `None`.

use kith_base::Amount;

/// An amount with this scale follows as sixteen bytes.
const RAW: u128 = 7;

/// Writes a number.
pub fn put(out: &mut Vec<u8>, number: u128) {
    let mut rest = number;
    while rest >= 0x80 {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

/// Writes a number that fits 64 bits.
pub fn put_u64(out: &mut Vec<u8>, number: u64) {
    let mut rest = number;
    while rest >= 0x80 {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

/// Writes a signed number.
pub fn put_i64(out: &mut Vec<u8>, number: i64) {
    put(out, fold(i128::from(number)));
}

/// Writes an amount: 19.90 takes two bytes.
pub fn put_amount(out: &mut Vec<u8>, amount: Amount) {
    let mut mantissa = amount.as_micros();
    if mantissa.unsigned_abs() >> 120 != 0 {
        put(out, RAW);
        return out.extend(mantissa.to_le_bytes());
    }
    let mut zeros = 0;
    while zeros < 6 && mantissa != 0 && mantissa % 10 == 0 {
        mantissa /= 10;
        zeros += 1;
    }
    put(out, fold(mantissa) << 3 | zeros);
}

/// Writes a text after its length.
pub fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_u64(out, bytes.len() as u64);
    out.extend(bytes);
}

fn fold(number: i128) -> u128 {
    (number << 1 ^ number >> 127).cast_unsigned()
}

fn unfold(number: u128) -> i128 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}

/// What is left to read.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    /// Reads a number.
    pub fn get(&mut self) -> Option<u128> {
        if let Some(number) = self.short() {
            return Some(u128::from(number));
        }
        let mut number = 0;
        for shift in (0..128).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= u128::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    /// Reads a number of 64 bits.
    pub fn u64(&mut self) -> Option<u64> {
        match self.short() {
            Some(number) => Some(number),
            None => u64::try_from(self.get()?).ok(),
        }
    }

    /// Reads a number of at most eight bytes, and nothing when it has more.
    fn short(&mut self) -> Option<u64> {
        let mut number = 0;
        for (at, byte) in self.0.iter().take(8).enumerate() {
            number |= u64::from(byte & 0x7f) << (7 * at);
            if byte & 0x80 == 0 {
                self.0 = &self.0[at + 1..];
                return Some(number);
            }
        }
        None
    }

    /// Reads a signed number of 64 bits.
    pub fn i64(&mut self) -> Option<i64> {
        i64::try_from(unfold(self.get()?)).ok()
    }

    /// Reads an amount.
    pub fn amount(&mut self) -> Option<Amount> {
        let folded = self.get()?;
        if folded == RAW {
            let (raw, rest) = self.0.split_first_chunk::<16>()?;
            self.0 = rest;
            return Some(Amount::from_micros(i128::from_le_bytes(*raw)));
        }
        let scale = 10i128.pow((folded & 7) as u32);
        let micros = unfold(folded >> 3).checked_mul(scale)?;
        Some(Amount::from_micros(micros))
    }

    /// Reads as many bytes as the number before them says.
    pub fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.u64()?).ok()?;
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }

    /// Reads eight bytes as they are, the highest first.
    pub fn raw_u64(&mut self) -> Option<u64> {
        let (raw, rest) = self.0.split_first_chunk::<8>()?;
        self.0 = rest;
        Some(u64::from_be_bytes(*raw))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn amount(micros: i128) -> (Option<Amount>, usize) {
        let mut out = Vec::new();
        put_amount(&mut out, Amount::from_micros(micros));
        let mut reader = Reader(&out);
        let amount = reader.amount();
        assert!(reader.0.is_empty());
        (amount, out.len())
    }

    #[test]
    fn prices_take_two_bytes() {
        assert_eq!(
            amount(19_900_000),
            (Some(Amount::from_micros(19_900_000)), 2)
        );
        assert_eq!(amount(0), (Some(Amount::ZERO), 1));
    }

    #[test]
    fn what_is_cut_off_or_endless_reads_as_nothing() {
        assert_eq!(Reader(&[0x80]).get(), None);
        assert_eq!(Reader(&[0xff; 40]).get(), None);
        assert_eq!(Reader(&[0xff; 19]).u64(), None);
        assert_eq!(Reader(&[5, 1]).bytes(), None);
        assert_eq!(Reader(&[7, 1]).amount(), None);
    }

    proptest! {
        #[test]
        fn everything_reads_back(
            number in any::<u128>(),
            signed in any::<i64>(),
            micros in any::<i128>(),
            small in -1_000_000_000i128..1_000_000_000,
        ) {
            let mut out = Vec::new();
            put(&mut out, number);
            put_i64(&mut out, signed);
            put_bytes(&mut out, b"text");
            let mut reader = Reader(&out);
            prop_assert_eq!(reader.get(), Some(number));
            prop_assert_eq!(reader.i64(), Some(signed));
            prop_assert_eq!(reader.bytes(), Some(&b"text"[..]));
            prop_assert_eq!(amount(micros).0, Some(Amount::from_micros(micros)));
            prop_assert_eq!(amount(small).0, Some(Amount::from_micros(small)));
        }
    }
}
