using DataSsl.Tests;
using static TorchSharp.torch;

namespace DataSsl.Dense.Tests.Boxes;

/// <summary>What <c>boxes.py</c> recorded, and the boxes that it was recorded of.</summary>
internal static class RecordedBoxes
{
    public static readonly (string Name, int Samples, bool Aligned)[] Alignments =
    [
        ("align plain 2", 2, false), ("align plain 0", 0, false), ("align aligned 2", 2, true), ("align aligned 0", 0, true),
    ];

    public static readonly long[] Map = [2, 3, 9, 11];

    public const double Scale = 0.25;

    public const int Count = 12;

    public static readonly int[] Size = [3, 4];

    public static readonly int[] Image = [512, 640];

    public static readonly (int Truth, int Count, double High, double Low) Match = (4, 60, 0.5, 0.3);

    public static readonly (int Count, int Kinds, double Overlap) Suppress = (150, 3, 0.4);

    public static readonly (long[] Image, long[][] Maps, double[][] Sizes,
        double[] Ratios) Anchors = ([64, 96], [[8, 12], [2, 3]], [[8, 16], [32, 48]], [0.5, 1, 2]);

    public static Recording Read() => Recording.Of("boxes",
    [
        .. Alignments.Select(a => (a.Name, (object)new { Map, Scale, Count, Size, a.Samples, a.Aligned })),
        ("pyramid", new { Image, Channels = 2, Count = 14, First = 5, Size = 2, Samples = 2 }),
        ("match", new { Match.Truth, Match.Count, Match.High, Match.Low }),
        ("suppress", new { Suppress.Count, Suppress.Kinds, Suppress.Overlap }),
        ("anchors", new { Anchors.Image, Anchors.Maps, Anchors.Sizes, Anchors.Ratios }),
    ]);

    /// <summary>Corners anywhere up to a fifth outside, in the right order: [N, 4].</summary>
    public static Tensor Boxes(string name, int count, double width, double height) =>
        (Seeded.Uniform(name, [count, 2, 2], 0.7, 0.5) * tensor([(float)width, (float)height])).sort(1).Values.reshape(count, 4);
}
