using System;
using System.Collections.Generic;
using System.Linq;
using DataSsl.Generator.Plan;

namespace DataSsl.Generator.Emit.Pure;

/// <summary>
/// Where each value lies in one piece of memory: two values share a place unless one is still needed when the other is made.
/// </summary>
internal sealed class BufferPlan
{
    private readonly Dictionary<int, int> offsets = [];

    /// <param name="room">What a value takes, in values of 32 bits.</param>
    public BufferPlan(Schedule schedule, Func<Value, int> room)
    {
        // The largest first: they leave gaps that the smaller ones fit into.
        var placed = new List<(Life Life, int End)>();
        foreach (var (life, length) in
            schedule.Lives().Select(life => (life, room(life.Value))).OrderByDescending(l => l.Item2).ThenBy(l => l.life.First))
        {
            // The first gap between those that are needed at the same time.
            var offset = 0;
            foreach (var other in placed.Where(other => life.Meets(other.Life)).OrderBy(other => this[other.Life.Value]))
            {
                if (offset + length <= this[other.Life.Value]) break;
                offset = Math.Max(offset, other.End);
            }
            offsets[life.Value.Room] = offset;
            placed.Add((life, offset + length));
        }
        Length = placed.Max(l => l.End);
    }

    /// <summary>32-bit values in all.</summary>
    public int Length { get; }

    public int this[Value value] => offsets[value.Room];
}
