using System;
using System.Collections.Generic;
using System.Linq;

namespace DataSsl.SearchSpaces;

/// <summary>
/// Numbers the members of a grid under comparisons between its axes, as a layered decision diagram: a node stands for what the choices so
/// far still mean to the axes to come, and knows how many members each of its choices leads to. Without comparisons it is mixed radix, with
/// one node an axis. Counting, numbering and drawing are exact and touch one node an axis; nothing is drawn and thrown away.
/// </summary>
public sealed class ChoiceDiagram
{
    /// <summary>Edges that a diagram may have; beyond it the comparisons couple too many axes at once.</summary>
    private const int MostEdges = 1 << 18;

    private readonly int[][] axes;
    private readonly List<Node>[] layers;

    private ChoiceDiagram(int[][] axes, List<Node>[] layers) => (this.axes, this.layers) = (axes, layers);

    /// <summary>Members of the grid, <see cref="Space.Most"/> + 1 for any number above it; such a grid is not numbered.</summary>
    public long Count => layers[0][0].Total;

    /// <summary>Builds the diagram; null where the comparisons couple so many axes that it would not stay small.</summary>
    public static ChoiceDiagram? TryBuild(IReadOnlyList<Axis> of, IReadOnlyCollection<Comparison> comparisons)
    {
        var axes = of.Select(a => a.Values.ToArray()).ToArray();
        var layers = new List<Node>[axes.Length + 1];
        var states = new List<int[]> { new int[axes.Length] };
        var edges = 0;
        for (var i = 0; i < axes.Length; i++)
        {
            // An axis is remembered for as long as a later one is compared with it.
            var live = Enumerable.Range(0, i + 1)
                .Where(a => comparisons.Any(c => Math.Min(c.Left, c.Right) == a && Math.Max(c.Left, c.Right) > i)).ToArray();
            var due = comparisons.Where(c => Math.Max(c.Left, c.Right) == i).ToArray();
            var (next, known) = (new List<int[]>(), new Dictionary<string, int>());
            layers[i] = [];
            foreach (var state in states)
            {
                var node = new Node(axes[i].Length);
                layers[i].Add(node);
                if ((edges += axes[i].Length) > MostEdges) return null;
                for (var digit = 0; digit < axes[i].Length; digit++)
                {
                    var after = (int[])state.Clone();
                    after[i] = axes[i][digit];
                    if (due.All(c => c.Holds(after))) node.Next[digit] = Intern(after, live, next, known);
                }
            }
            states = next;
        }
        layers[axes.Length] = states.Select(_ => Node.Leaf).ToList();
        for (var i = axes.Length - 1; i >= 0; i--)
            foreach (var node in layers[i])
                node.Sum(layers[i + 1]);
        return new(axes, layers);
    }

    /// <summary>Position of a choice of values among the members, in lexicographic order; -1 where it is not one.</summary>
    public long IndexOf(Func<int, int> choice)
    {
        var (index, node) = (0L, layers[0][0]);
        for (var i = 0; i < axes.Length; i++)
        {
            var digit = Array.BinarySearch(axes[i], choice(i));
            if (digit < 0 || node.Next[digit] < 0) return -1;
            index += node.Starts[digit];
            node = layers[i + 1][node.Next[digit]];
        }
        return index;
    }

    /// <summary>Whether a member begins with these values.</summary>
    public bool HasMember(int[] choices, int length)
    {
        var node = layers[0][0];
        for (var i = 0; i < length; i++)
        {
            var digit = Array.BinarySearch(axes[i], choices[i]);
            if (digit < 0 || node.Next[digit] < 0) return false;
            node = layers[i + 1][node.Next[digit]];
        }
        return node.Total > 0;
    }

    /// <summary>The member at a position.</summary>
    public int[] At(long index)
    {
        var (choices, node) = (new int[axes.Length], layers[0][0]);
        for (var i = 0; i < choices.Length; i++)
        {
            // Empty choices share their start with the next one that is not: the last of equal starts leads on.
            var digit = Array.FindLastIndex(node.Starts, start => start <= index);
            choices[i] = axes[i][digit];
            index -= node.Starts[digit];
            node = layers[i + 1][node.Next[digit]];
        }
        return choices;
    }

    private static int Intern(int[] state, int[] live, List<int[]> states, Dictionary<string, int> known)
    {
        var key = string.Join(",", live.Select(a => state[a]));
        if (known.TryGetValue(key, out var position)) return position;
        states.Add(state);
        return known[key] = states.Count - 1;
    }

    /// <summary>What the choices so far mean to those to come.</summary>
    private sealed class Node(int choices)
    {
        public static Node Leaf { get; } = new(0) { Total = 1 };

        /// <summary>The node of the next layer that each choice leads to; -1 where a comparison forbids it.</summary>
        public int[] Next { get; } = Enumerable.Repeat(-1, choices).ToArray();

        /// <summary>Members below the smaller choices; past the end for choices without members behind the last one that has any.</summary>
        public long[] Starts { get; } = new long[choices];

        public long Total { get; private set; }

        public void Sum(List<Node> below)
        {
            var last = -1;
            for (var digit = 0; digit < Next.Length; digit++)
            {
                Starts[digit] = Total;
                var members = Next[digit] < 0 ? 0 : below[Next[digit]].Total;
                if (members > 0) last = digit;
                Total = Math.Min(Total + members, Space.Most + 1);
            }
            for (var digit = last + 1; digit < Next.Length; digit++) Starts[digit] = long.MaxValue;
        }
    }
}
