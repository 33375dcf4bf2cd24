//! How bodies move, and when they touch.

use std::f32::consts::{PI, TAU};

use glam::Vec2;

/// Turns `heading` towards `aim` the short way round, by at most `most` radians.
#[must_use]
pub fn turn_towards(heading: f32, aim: f32, most: f32) -> f32 {
    let difference = (aim - heading + PI).rem_euclid(TAU) - PI;
    (heading + difference.clamp(-most, most)).rem_euclid(TAU)
}

/// Moves a body and lets it bounce off the walls of a square world of `size`, keeping `bounce` of its speed.
pub fn drift(position: &mut Vec2, velocity: &mut Vec2, radius: f32, size: f32, bounce: f32, dt: f32) {
    *position += *velocity * dt;
    let (low, high) = (radius, size - radius);
    for axis in 0..2 {
        if position[axis] < low {
            position[axis] = low;
            velocity[axis] = velocity[axis].abs() * bounce;
        } else if position[axis] > high {
            position[axis] = high;
            velocity[axis] = -velocity[axis].abs() * bounce;
        }
    }
}

/// Returns true if a point that moved from `from` to `to` came within `radius` of `centre` on its path.
#[must_use]
pub fn sweeps(from: Vec2, to: Vec2, centre: Vec2, radius: f32) -> bool {
    let path = to - from;
    let along = ((centre - from).dot(path) / path.length_squared().max(f32::MIN_POSITIVE)).clamp(0.0, 1.0);
    (from + path * along).distance_squared(centre) <= radius * radius
}

/// The velocities of two touching discs after they have bounced off each other; `None` if they move apart.
#[must_use]
pub fn bounce_apart(towards: Vec2, first: Vec2, second: Vec2, masses: (f32, f32)) -> Option<(Vec2, Vec2)> {
    let normal = towards.try_normalize().unwrap_or(Vec2::X);
    let closing = (first - second).dot(normal);
    if closing <= 0.0 {
        return None;
    }
    let impulse = normal * (1.8 * closing / (masses.0 + masses.1));
    Some((first - impulse * masses.1, second + impulse * masses.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turning_goes_the_short_way() {
        assert!((turn_towards(0.1, TAU - 0.1, 0.05) - 0.05).abs() < 1e-6);
        assert!((turn_towards(TAU - 0.1, 0.1, 1.0) - 0.1).abs() < 1e-5);
    }

    #[test]
    fn a_fast_shot_does_not_jump_over_a_ship() {
        let hit = |y| sweeps(Vec2::new(0.0, y), Vec2::new(100.0, y), Vec2::new(50.0, 0.0), 10.0);
        assert!(hit(9.9) && !hit(10.1));
        assert!(!sweeps(Vec2::ZERO, Vec2::new(30.0, 0.0), Vec2::new(50.0, 0.0), 10.0));
    }

    #[test]
    fn walls_hold() {
        let (mut position, mut velocity) = (Vec2::new(1999.0, 5.0), Vec2::new(500.0, -500.0));
        drift(&mut position, &mut velocity, 10.0, 2000.0, 0.5, 0.1);
        assert_eq!((position, velocity), (Vec2::new(1990.0, 10.0), Vec2::new(-250.0, 250.0)));
    }
}
