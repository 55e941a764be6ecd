//! Pages as texts: what is escaped, what is inside, that nothing depends on the hour.
