using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Dense.Heads;

/// <summary>
/// A fully convolutional network: the class of every pixel, from scores on C5 and, for finer edges, on the maps before it (Long et al.
/// 2015, sections 3 and 4.2).
/// </summary>
/// <remarks>
/// Without finer maps it is torchvision's fcn_resnet50, with its keys; that and DATA's on Cityscapes dilate the last two stages for a map
/// of an eighth, which weights that were trained without take no more than they take another network: here C4 and C3 bring the fineness.
/// </remarks>
public sealed class FcnSegmenter : Part
{
    /// <summary>The label of pixels that are nothing's: they take part in no loss.</summary>
    public const long Void = 255;

    private readonly Backbone backbone;
    private readonly FcnHead classifier;
    private readonly FcnHead? aux_classifier;
    private readonly ModuleList<Conv2d> skips;
    private readonly double auxiliary;

    /// <param name="backbone">From here on it is this one's.</param>
    /// <param name="classes">Without the void.</param>
    /// <param name="seed">Of the first weights.</param>
    /// <param name="finer">Maps before C5 that have scores too: 2 for C4 and C3, as FCN-8s.</param>
    /// <param name="auxiliary">Weight of the loss of a second head, on C4, which is for training alone; 0 for none.</param>
    public FcnSegmenter(Backbone backbone, int classes, long seed, int finer = 2, double auxiliary = 0) : base(nameof(FcnSegmenter))
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(finer, 3);
        (this.backbone, this.auxiliary) = (backbone, auxiliary);
        using var initial = new Initial(seed, "fcn");
        classifier = new(backbone.Channels[3], classes, initial);
        // From zero: at first the scores are those of C5.
        skips = ModuleList(
            Enumerable.Range(0, finer).Select(i => initial.Normal(Conv2d(backbone.Channels[2 - i], classes, 1), 0)).ToArray());
        if (auxiliary > 0) aux_classifier = new(backbone.Channels[2], classes, initial);
        RegisterComponents();
        Keep();
    }

    /// <summary>Logits of the classes: images [N, 3, H, W] -> [N, classes, H, W].</summary>
    public Tensor Logits(Tensor images)
    {
        using var scope = NewDisposeScope();
        return Scores(backbone.Maps(images), images).MoveToOuterDisposeScope();
    }

    /// <summary>Mean cross-entropy over the pixels that are something's, in autograd.</summary>
    /// <param name="images">[N, 3, H, W].</param>
    /// <param name="labels">[N, H, W] in 64 bits: classes from 0, or <see cref="Void"/>.</param>
    public Tensor Loss(Tensor images, Tensor labels)
    {
        using var scope = NewDisposeScope();
        var maps = backbone.Maps(images);
        var loss = functional.cross_entropy(Scores(maps, images), labels, ignore_index: Void);
        if (aux_classifier is not null)
            loss += auxiliary * functional.cross_entropy(Resize(aux_classifier.call(maps[2]), images), labels, ignore_index: Void);
        return loss.MoveToOuterDisposeScope();
    }

    /// <summary>The class of every pixel: images [N, 3, H, W] -> [N, H, W] in 64 bits.</summary>
    public Tensor Segment(Tensor images)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        return Logits(images).argmax(1).MoveToOuterDisposeScope();
    }

    private Tensor Scores(Tensor[] maps, Tensor images)
    {
        var scores = classifier.call(maps[3]);
        for (var i = 0; i < skips.Count; i++) scores = Resize(scores, maps[2 - i]) + skips[i].call(maps[2 - i]);
        return Resize(scores, images);
    }

    /// <summary>[N, C, H, W] as high and wide as another.</summary>
    private static Tensor Resize(Tensor map, Tensor as_) =>
        functional.interpolate(map, size: as_.shape[2..], mode: InterpolationMode.Bilinear, align_corners: false);

    /// <summary>A convolution to a quarter of the channels, and the scores: [N, C, H, W] -> [N, classes, H, W].</summary>
    private sealed class FcnHead : Module<Tensor, Tensor>
    {
        private const double Dropped = 0.1;

        public FcnHead(long channels, int classes, Initial initial) : base(nameof(FcnHead))
        {
            Module<Tensor, Tensor>[] layers =
            [
                initial.Uniform(Conv2d(channels, channels / 4, 3, padding: 1, bias: false)), Initial.One(BatchNorm2d(channels / 4)), ReLU(),
                Dropout(Dropped), initial.Uniform(Conv2d(channels / 4, classes, 1)),
            ];
            for (var i = 0; i < layers.Length; i++) register_module($"{i}", layers[i]);
        }

        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            foreach (var layer in children()) x = ((Module<Tensor, Tensor>)layer).call(x);
            return x.MoveToOuterDisposeScope();
        }
    }
}
