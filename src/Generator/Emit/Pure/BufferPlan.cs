using System;
using System.Collections.Generic;
using System.Linq;

namespace DataSsl.Generator.Emit.Pure;

/// <summary>
/// Where each value lies in one piece of memory: two values share a place unless one is still needed when the other is made.
/// </summary>
internal sealed class BufferPlan
{
    private readonly Dictionary<int, int> offsets = [];

    public BufferPlan(PureSchedule schedule)
    {
        var lives = new List<Life> { new(schedule.Image, 0, LastUse(schedule, schedule.Image, 0)) };
        for (var i = 0; i < schedule.Steps.Count; i++)
            lives.Add(new(schedule.Steps[i].Output, i, LastUse(schedule, schedule.Steps[i].Output, i)));
        // The largest first: they leave gaps that the smaller ones fit into.
        var placed = new List<Life>();
        foreach (var life in lives.OrderByDescending(l => l.Value.Length).ThenBy(l => l.First))
        {
            offsets[life.Value.Id] = Place(life, [.. placed.Where(life.Meets).OrderBy(p => offsets[p.Value.Id])]);
            placed.Add(life);
        }
        Length = lives.Max(l => End(l.Value));
    }

    /// <summary>32-bit values in all.</summary>
    public int Length { get; }

    public int this[Value value] => offsets[value.Id];

    /// <summary>The first gap between those that are alive at the same time.</summary>
    private int Place(Life life, List<Life> others)
    {
        var offset = 0;
        foreach (var other in others)
        {
            if (offset + Room(life.Value) <= offsets[other.Value.Id]) break;
            offset = Math.Max(offset, End(other.Value));
        }
        return offset;
    }

    /// <summary>Kernels read and write whole vectors: what lies beyond an image is not its own.</summary>
    private static int Room(Value value) => value.Length + Value.Slack;

    private int End(Value value) => offsets[value.Id] + Room(value);

    private static int LastUse(PureSchedule schedule, Value value, int made)
    {
        if (value == schedule.Embedding || value == schedule.Logits) return schedule.Steps.Count;
        for (var i = schedule.Steps.Count - 1; i > made; i--)
            if (schedule.Steps[i].Input == value || schedule.Steps[i].Added == value)
                return i;
        return made;
    }

    private sealed record Life(Value Value, int First, int Last)
    {
        public bool Meets(Life other) => First <= other.Last && other.First <= Last;
    }
}
