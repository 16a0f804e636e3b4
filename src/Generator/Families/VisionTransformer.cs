using System.Collections.Generic;
using DataSsl.Generator.Plan;
using DataSsl.SearchSpaces;

[assembly: DataSsl.Generator.Families.Family(typeof(DataSsl.Generator.Families.VisionTransformer))]

namespace DataSsl.Generator.Families;

/// <summary>
/// Vision transformers (Dosovitskiy et al. 2021) with pre-norm blocks and timm's state-dict keys, searched as AutoFormer does (Chen et al.
/// 2021): embedding width of the trunk; depth, heads and MLP ratio of each stage.
/// </summary>
/// <remarks>
/// Stages are runs of blocks of one trunk: their ends are the maps for dense tasks, and an architecture's blocks count on through them
/// (<c>blocks.0</c> …), as timm's do. The last map comes after the final norm; the embedding is its class token. A head always has 64
/// channels, so that fewer heads are a leading slice of each of q, k and v.
/// </remarks>
internal sealed class VisionTransformer : Family
{
    private const int HeadSize = 64;

    private static readonly BlockTemplate Transformer = new(
        "TransformerBlock", "Pre-norm transformer block: attention, then a two-layer perceptron, each added to its input.",
        Ports: new(["width", "inner", "hidden"]),
        new(
        [
            Added(
                Layer.LayerNorm("norm1", "width"), Layer.Linear("attn.qkv", "width", "inner", parts: 3),
                Layer.Attention("attn.heads", "inner", HeadSize),
                Layer.Linear("attn.proj", "inner", "width")),
            Added(
                Layer.LayerNorm("norm2", "width"), Layer.Linear("mlp.fc1", "width", "hidden"), Layer.Gelu("mlp.act"),
                Layer.Linear("mlp.fc2", "hidden", "width")),
        ]));

    public override string Name => "vit";

    /// <summary>timm's names are ours; torchvision's, of its versions before and after 0.14.</summary>
    public override IReadOnlyList<KeyScheme> Schemes =>
    [
        KeyScheme.Own("patch_embed.proj.weight", @"cls_token|pos_embed|reg_token|dist_token|(patch_embed|norm_pre|blocks|norm)\..+"),
        new(
            "conv_proj.weight", (@"conv_proj\.(.+)", "patch_embed.proj.$1"), ("class_token", "cls_token"),
            (@"encoder\.pos_embedding", "pos_embed"), (@"encoder\.ln\.(.+)", "norm.$1"),
            (@"encoder\.layers\.encoder_layer_(\d{1,4})\.ln_([12])\.(.+)", "blocks.$1.norm$2.$3"),
            (@"encoder\.layers\.encoder_layer_(\d{1,4})\.self_attention\.in_proj_(.+)", "blocks.$1.attn.qkv.$2"),
            (@"encoder\.layers\.encoder_layer_(\d{1,4})\.self_attention\.out_proj\.(.+)", "blocks.$1.attn.proj.$2"),
            (@"encoder\.layers\.encoder_layer_(\d{1,4})\.mlp\.(?:linear_1|0)\.(.+)", "blocks.$1.mlp.fc1.$2"),
            (@"encoder\.layers\.encoder_layer_(\d{1,4})\.mlp\.(?:linear_2|3)\.(.+)", "blocks.$1.mlp.fc2.$2"),
            (@"(encoder\..+)", "$1")),
    ];

    public override IReadOnlyList<string> StemAxes { get; } = ["width"];

    public override bool HasPatches => true;

    public override IReadOnlyList<string> StageAxes(int stage) => ["heads", "mlp", "depth"];

    public override NetworkPlan Lower(Space space)
    {
        var width = Quantity.Of(space.AxisOf("stem", "width"));
        var segments = new List<Segment> { Stem(space, width) };
        for (var i = 0; i < space.Strides.Count; i++)
        {
            var block = new Block(
                Transformer, "blocks", new([width, HeadSize * Choice(space, i, "heads"), width * Choice(space, i, "mlp")]),
                Shortcut: Shortcut.Identity);
            var level = 6 - space.Strides.Count + i;
            segments.Add(Stage(space, i, tap: level is >= 1 and < 5 ? $"C{level}" : "", block, block));
        }
        var norm = new BlockTemplate(
            "NormBlock", "The final norm.", Ports: new(["width"]), new([new Branch(Layer.LayerNorm("norm", "width"))]));
        segments.Add(new("head", Tap: "C5", DepthAxis: -1, new([new Block(norm, Container: "", new([width]))])));
        return new(space, segments.ToEquatableArray(), headKey: "head");
    }

    private static Segment Stem(Space space, Quantity width)
    {
        var side = space.InputSize / space.PatchSize;
        var template = new BlockTemplate(
            "StemBlock", $"Stem: patches of {space.PatchSize} x {space.PatchSize} pixels, class token, positions.",
            Ports: new(["in", "width"]),
            new(
            [
                new Branch(
                    Layer.Patches("patch_embed.proj", "in", "width", space.PatchSize), Layer.ClassToken("cls_token", "width"),
                    Layer.Positions("pos_embed", "width", tokens: side * side + 1)),
            ]));
        return new("stem", Tap: "", DepthAxis: -1, new([new Block(template, Container: "", new([space.InputChannels, width]))]));
    }

    private static Branch Added(params Layer[] layers) => new(new(layers), Shortcut.Identity) { IsDroppable = true };
}
