//! The values of numbers that are written out, for checks whose messages say a better number.

use syn::{BinOp, Expr, ExprRange, Lit, RangeLimits, UnOp};

/// A number.
#[derive(Clone, Copy)]
pub enum Number {
    Int(i128),
    Float(f64),
    /// A number with the suffix `f32`.
    Single(f32),
}

impl Number {
    /// The value of an expression of literals; `None` if it names anything else.
    pub fn of(expr: &Expr) -> Option<Self> {
        match expr {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Int(int) if matches!(int.suffix(), "f64") => {
                    int.base10_digits().parse().ok().map(Self::Float)
                }
                Lit::Int(int) if int.suffix() == "f32" => int.base10_digits().parse().ok().map(Self::Single),
                Lit::Int(int) => int.base10_parse().ok().map(Self::Int),
                Lit::Float(float) if float.suffix() == "f32" => float.base10_parse().ok().map(Self::Single),
                Lit::Float(float) => float.base10_parse().ok().map(Self::Float),
                _ => None,
            },
            Expr::Paren(paren) => Self::of(&paren.expr),
            Expr::Group(group) => Self::of(&group.expr),
            Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => Some(match Self::of(&unary.expr)? {
                Self::Int(int) => Self::Int(int.checked_neg()?),
                Self::Float(float) => Self::Float(-float),
                Self::Single(float) => Self::Single(-float),
            }),
            Expr::Binary(binary) => {
                Self::combine(Self::of(&binary.left)?, &binary.op, Self::of(&binary.right)?)
            }
            _ => None,
        }
    }

    fn combine(left: Self, op: &BinOp, right: Self) -> Option<Self> {
        match (left, right) {
            (Self::Int(left), Self::Int(right)) => match op {
                BinOp::Add(_) => left.checked_add(right),
                BinOp::Sub(_) => left.checked_sub(right),
                BinOp::Mul(_) => left.checked_mul(right),
                BinOp::Div(_) => left.checked_div(right),
                _ => None,
            }
            .map(Self::Int),
            (Self::Float(left), Self::Float(right)) => match op {
                BinOp::Add(_) => Some(left + right),
                BinOp::Sub(_) => Some(left - right),
                BinOp::Mul(_) => Some(left * right),
                BinOp::Div(_) => Some(left / right),
                _ => None,
            }
            .map(Self::Float),
            // A literal without a suffix becomes an f32 beside one.
            (Self::Single(_), Self::Single(_) | Self::Float(_)) | (Self::Float(_), Self::Single(_)) => {
                let (left, right) = (left.single(), right.single());
                match op {
                    BinOp::Add(_) => Some(left + right),
                    BinOp::Sub(_) => Some(left - right),
                    BinOp::Mul(_) => Some(left * right),
                    BinOp::Div(_) => Some(left / right),
                    _ => None,
                }
                .map(Self::Single)
            }
            _ => None,
        }
    }

    /// The number as an `f64`.
    pub fn float(self) -> f64 {
        match self {
            Self::Int(int) => int as f64,
            Self::Float(float) => float,
            Self::Single(float) => f64::from(float),
        }
    }

    fn single(self) -> f32 {
        match self {
            Self::Single(float) => float,
            other => other.float() as f32,
        }
    }

    /// The number, if it is a whole one.
    pub fn int(self) -> Option<i128> {
        match self {
            Self::Int(int) => Some(int),
            _ => None,
        }
    }
}

/// Both ends of a range that includes its end.
pub fn ends(range: &Expr) -> Option<(&Expr, &Expr)> {
    match range {
        Expr::Range(ExprRange {
            start: Some(min), end: Some(max), limits: RangeLimits::Closed(_), ..
        }) => Some((min, max)),
        _ => None,
    }
}

/// The least and the greatest value of an integer type.
pub fn limits(ty: &str) -> (i128, i128) {
    let bits: u32 = ty[1..].parse().unwrap_or(64);
    if ty.starts_with('u') { (0, (1 << bits) - 1) } else { (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) }
}
