using DataSsl.Dense.Boxes;
using DataSsl.Dense.Data;
using DataSsl.Dense.Heads;
using DataSsl.Tests;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Dense.Tests.Heads;

/// <summary>Three images and what is on them, of which the last is empty; the detectors of <c>detectors.py</c> on them.</summary>
internal static class Scene
{
    public const int Classes = 3;

    public const double Auxiliary = 0.4;

    /// <summary>More than there are: losses are then over all, as what is drawn is each library's own.</summary>
    private const int Everything = 1_000_000;

    private const int Width = 16, Hidden = 24, FcosWidth = 64, Candidates = 200, Proposals = 60, Found = 30, Gain = 6;

    private const double Score = 0.05;

    private static readonly long[][] s_sizes = [[128, 160], [96, 150], [112, 128]];

    private static readonly float[][][] s_boxes =
    [
        [[10, 12, 60, 90], [70, 20, 150, 120], [30.5f, 40.25f, 52, 61.5f]], [[5, 4, 140, 90], [100.5f, 10, 119, 25]], [],
    ];

    private static readonly long[][] s_labels = [[0, 2, 1], [1, 0], []];

    private static readonly double[] s_anchors = [8, 16, 32, 64, 128], s_ratios = [0.5, 1, 2];

    private static readonly ProposalSettings s_proposals = new()
    {
        Candidates = (Candidates, Candidates / 2),
        Proposals = (Proposals, Proposals / 2),
        Sampler = new(Everything, 0.5),
    };

    private static readonly RegionSettings s_regions = new() { Sampler = new(Everything, 0.25), Score = Score, Detections = Found };

    public static Recording Read() => Recording.Of("detectors",
    [
        ("scene", new
        {
            Sizes = s_sizes, Boxes = s_boxes, Labels = s_labels, Channels = FourConvolutions.Widths, Classes, Width, Hidden, FcosWidth,
            Anchors = s_anchors, Candidates, Proposals, Score,
            Detections = Found, Gain, Auxiliary,
        }),
    ]);

    public static PaddedImages Images(ScalarType type)
    {
        using var scope = NewDisposeScope();
        var batch = PaddedImages.Of([.. s_sizes.Select((size, i) => Seeded.Uniform($"scene/{i}", [3, .. size], Math.Sqrt(3)).to(type))]);
        batch.Pixels.MoveToOuterDisposeScope();
        return batch;
    }

    /// <summary>What is on them; the tensors are the caller's.</summary>
    public static IReadOnlyList<Target> Targets(ScalarType type, bool masks)
    {
        using var scope = NewDisposeScope();
        return
        [
            .. s_boxes.Select((boxes, i) =>
            {
                var mask = masks
                    ? Seeded.Uniform($"scene/{i}/masks", [boxes.Length, .. s_sizes[i]]).gt(-0.5).to(ScalarType.Byte)
                        .MoveToOuterDisposeScope()
                    : null;
                return new Target(
                    tensor([.. boxes.SelectMany(box => box)], [boxes.Length, 4]).to(type).MoveToOuterDisposeScope(),
                        tensor(s_labels[i]).MoveToOuterDisposeScope(), mask);
            }),
        ];
    }

    public static FasterRcnn Faster(bool masks) => new(
        new FourConvolutions(), Classes, seed: 1, masks
            ? new() { Width = Width }
            : null, Width, Hidden, new([.. s_anchors.Select(size => new[] { size })], s_ratios), s_proposals, s_regions);

    public static FasterRcnnC4 C4() => new(
        new FourConvolutions(), Classes, seed: 1, norm: true, new([s_anchors], s_ratios, Rounded: false),
        s_proposals with { Beta = ProposalSettings.C4.Beta },
        s_regions with { Pool = RegionSettings.C4.Pool, Beta = RegionSettings.C4.Beta });

    public static Fcos Fcos() =>
        new(new FourConvolutions(), Classes, seed: 1, FcosWidth, new() { Candidates = Candidates, Detections = Found });

    public static FcnSegmenter Fcn() => new(new FourConvolutions(), Classes, seed: 1, finer: 0, Auxiliary);

    /// <summary>
    /// A module with the weights that the script gives to the one of a name, in 64 bits; its parameters and buffers in the order of their
    /// keys.
    /// </summary>
    public static void Give(nn.Module module, string name)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        module.to(ScalarType.Float64);
        foreach (var (key, value) in module.state_dict())
            if (value.is_floating_point()) value.copy_(Seeded.Parameter($"{name}/{key}", value.shape, Gain));
    }
}
