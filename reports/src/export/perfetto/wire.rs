//! The wire format of protocol buffers, as far as a trace needs it: varints, fixed 64 bits, and
//! lengths (protobuf.dev, "Encoding").
//!
//! By hand, because generated code would build a tree of owned values for every packet, and these
//! three forms are all there is.

/// A message while its fields are written, in any order.
pub struct Message<'a>(pub &'a mut Vec<u8>);

impl Message<'_> {
    /// A field of type uint64, uint32, int32 that is not negative, bool or enum.
    pub fn uint(&mut self, field: u32, value: u64) -> &mut Self {
        self.key(field, 0);
        self.varint(value);
        self
    }

    /// A field of type int64.
    pub fn int(&mut self, field: u32, value: i64) -> &mut Self {
        self.uint(field, value.cast_unsigned())
    }

    /// A field of type fixed64.
    pub fn fixed(&mut self, field: u32, value: u64) -> &mut Self {
        self.key(field, 1);
        self.0.extend_from_slice(&value.to_le_bytes());
        self
    }

    /// A field of type string.
    pub fn text(&mut self, field: u32, value: &str) -> &mut Self {
        self.lengthy(field, |to| to.extend_from_slice(value.as_bytes()))
    }

    /// A field that is a message.
    pub fn message(&mut self, field: u32, fill: impl FnOnce(&mut Message<'_>)) -> &mut Self {
        self.lengthy(field, |to| fill(&mut Message(to)))
    }

    /// A field of bytes that `fill` appends; its length is known only afterwards.
    pub fn lengthy(&mut self, field: u32, fill: impl FnOnce(&mut Vec<u8>)) -> &mut Self {
        self.key(field, 2);
        let at = self.0.len();
        self.0.push(0);
        fill(self.0);
        let length = self.0.len() - at - 1;
        match u8::try_from(length) {
            Ok(short @ 0..128) => self.0[at] = short,
            // A longer length takes more bytes, for which everything moves.
            _ => {
                let mut bytes = Vec::with_capacity(10);
                Message(&mut bytes).varint(length as u64);
                self.0.splice(at..=at, bytes);
            }
        }
        self
    }

    fn key(&mut self, field: u32, form: u64) {
        self.varint(u64::from(field) << 3 | form);
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }
}
