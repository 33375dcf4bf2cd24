//! Fields that say where an entity belongs: its owner, its team, its level.

/// A player or a team as a number: a field that `owner = …` or `team = …` of [`derive@crate::World`] names.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say which player or team an entity belongs to",
    label = "names no player or team",
    note = "an owner is a `PlayerId`, an integer, or an option of one; a team also a field-less enum that derives Replicate"
)]
pub trait Member {
    /// The number of the player or the team; `None` if there is none. A number that no player or team can have is none.
    fn member(&self) -> Option<u32>;
}

impl<T: Member> Member for Option<T> {
    fn member(&self) -> Option<u32> {
        self.as_ref().and_then(T::member)
    }
}

/// The level of a position: a field that `level = …` of [`derive@crate::World`] names.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say on which level an entity is",
    label = "names no level",
    note = "a level is an integer from 0 to 65535"
)]
pub trait Level {
    /// The level, clamped to 0 to 65535.
    fn level(self) -> u16;
}

macro_rules! integers {
    ($($integer:ty)*) => {$(
        impl Member for $integer {
            fn member(&self) -> Option<u32> {
                u32::try_from(*self).ok()
            }
        }

        impl Level for $integer {
            fn level(self) -> u16 {
                i128::from(self).clamp(0, i128::from(u16::MAX)) as u16
            }
        }
    )*};
}

integers! { u8 u16 u32 u64 i8 i16 i32 i64 }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_outside_the_range_name_no_one() {
        assert_eq!(
            [-1, 0, 65_536, 1 << 32].map(|number: i64| number.member()),
            [None, Some(0), Some(65_536), None]
        );
        assert_eq!([Some(3u8), None].map(|number| number.member()), [Some(3), None]);
        assert_eq!([-1, 7, 70_000].map(Level::level), [0, 7, 65_535]);
    }
}
