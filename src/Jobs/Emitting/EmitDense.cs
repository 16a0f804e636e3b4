using System.Globalization;
using DataSsl.Dense.Boxes;
using DataSsl.Dense.Data;
using DataSsl.Dense.Heads;
using DataSsl.Dense.Training;
using DataSsl.Generator;
using DataSsl.Generator.Emit;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Training;
using DataSsl.Search.Emit.Dense;
using DataSsl.Search.Networks;
using DataSsl.SearchSpaces;
using static TorchSharp.torch;

namespace DataSsl.Jobs.Emitting;

/// <summary>Emits a trained detector or segmenter.</summary>
/// <param name="Folder">Where the classes go; made if missing, once everything else is found to be in order.</param>
/// <param name="Forms">What is written.</param>
/// <param name="Data">Images of the proof.</param>
internal sealed record EmitDense(string Folder, string Namespace, IReadOnlyList<DenseForm> Forms, string Data)
{
    /// <summary>Images of the proof unless others are asked for.</summary>
    public const int ProofImages = 8;

    /// <summary>What networks and the pyramid above them halve must come out even.</summary>
    private const int Multiple = 32;

    /// <param name="given">The file that an evaluation left, or its folder.</param>
    /// <param name="task">What the network is to be for.</param>
    /// <param name="name">Of the class; null for one after the space.</param>
    /// <param name="count">Images of the proof.</param>
    /// <param name="size">Side of the square that ONNX detectors and pure C# take; null for one that the images fit into.</param>
    /// <param name="seed">Of the draw of the images.</param>
    public EmittedDense Run(string given, DenseTask task, string? name, int count, int? size, long seed)
    {
        var path = Directory.Exists(given) ? Path.Combine(given, DenseCheckpoint.FileOf(task)) : given;
        if (!File.Exists(path))
            throw new UserException($"{path}: no such file; give --checkpoint the one that 'datassl evaluate' left, or its folder");
        var facts = DenseCheckpoint.Facts(path);
        var settings = facts.Settings;
        if (settings.Task != task)
            throw new UserException(
                settings.Task == DenseTask.Instances
                    ? $"{path}: finds objects and their masks, and no form of it is written; train boxes alone by 'evaluate detect --head {settings.Head.Word()}'"
                    : $"{path}: is for {Word(settings.Task)}; give --task {Word(settings.Task)}");
        if (size % Multiple is > 0) throw new UserException($"--size {size}: give a multiple of {Multiple}, the square that images lie in");
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var (network, _) = DenseCheckpoint.Read(path, Class, CPU);
        using (network)
        {
            var photos = Load(count, seed);
            var spec = SpecOf(facts, name, size ?? SideOf(settings, photos), path);
            DenseNames.Check(spec);
            var forms = Possible(spec);
            var (images, sizes) = Batch(settings, photos, spec.Network.Size);
            var expected = Expected(network, images, sizes);
            if (expected is Objects { Images: var found } && found.All(boxes => boxes.Count == 0))
                throw new UserException(
                    $"{Data}: {path} finds nothing on {Wording.Count(sizes.Count, "image")} of it, and forms that find nothing are not told apart; give images with objects, or more with --images");
            RunFolder.Take(Folder);
            var state = network.State.ToDictionary(entry => KeyOf(entry.Key), entry => entry.Tensor);
            return new DenseEmitter(spec, state, Metadata(spec, facts))
                .Emit(Folder, forms, images, sizes, expected);
        }
    }

    /// <summary>As the command line says it.</summary>
    public static string Word(DenseTask task) => task.ToString().ToLowerInvariant();

    private static nn.Module<Tensor, Tensor> Class(BackboneOrigin origin) =>
        FixedNetwork.OfText(origin.Source!, origin.Architecture!, origin.Size);

    private static HeadSpec HeadOf(DenseSettings settings)
    {
        var fcos = new FcosSettings();
        return settings.Head switch
        {
            DenseHead.Fcos => new FcosSpec(
                settings.Classes, settings.Width, settings.Depth, fcos.Groups, settings.Score, fcos.Overlap, fcos.Candidates,
                fcos.Detections),
            DenseHead.Fpn => Regions(new(), new(), FasterRcnn.Anchors, (settings.Width, settings.Representation)),
            DenseHead.FasterRcnnC4 => Regions(ProposalSettings.C4, RegionSettings.C4, FasterRcnnC4.Anchors, null),
            DenseHead.Fcn => new FcnSpec(settings.Classes, settings.Finer),
            var other => throw new ArgumentOutOfRangeException(nameof(settings), other, "no head"),
        };

        RegionSpec Regions(ProposalSettings proposals, RegionSettings regions, AnchorGrid anchors, (int, int)? pyramid) =>
            new(settings.Classes, settings.Score, regions.Overlap, regions.Detections)
            {
                Pyramid = pyramid,
                Anchors = [.. anchors.Sizes.Select((_, map) => anchors.Edges(map))],
                ProposalBoxes = Boxes(ProposalSettings.Coder, ProposalSettings.SmallestSide),
                Boxes = Boxes(RegionSettings.Coder, RegionSettings.SmallestSide),
                Candidates = proposals.Candidates.Use,
                Proposals = proposals.Proposals.Use,
                ProposalOverlap = proposals.Overlap,
                NextMapSide = RoIAlign.NextMapSide,
                Bins = regions.Pool.Height,
                Samples = regions.Pool.Samples,
                Aligned = regions.Pool.Aligned,
            };

        static BoxRule Boxes(BoxCoder coder, double side) => new(coder.Center, coder.Size, BoxCoder.LargestLogarithm, side);
    }

    private DenseSpec SpecOf(DenseFacts facts, string? name, int size, string path)
    {
        var (settings, origin) = (facts.Settings, facts.Backbone);
        // Read already: the text is that of a space.
        var space = SpaceCompiler.Parse("space", origin.Source!).Space!;
        var plan = SpaceCompiler.Lower(space);
        var className = name ?? $"{space.Name}_{(settings.Head == DenseHead.Fcn ? "Segmenter" : "Detector")}";
        string[] provenance =
        [
            $"{settings.Head.Word()} on {origin.Architecture} of {origin.Space}, for {Word(settings.Task)}",
            $"checkpoint {Checkpoint.Hash(path)}, datassl {Product.Version}",
        ];
        return new(
            plan,
            new(
                className + "Backbone", Namespace, space.Text().Parse(origin.Architecture!).ToEquatableArray(), size,
                provenance.ToEquatableArray(), SharesReader: true),
            className, HeadOf(settings),
            new(Math.Min(settings.MinSize, size), Math.Min(settings.MaxSize, size), settings.Mean, settings.Std));
    }

    /// <summary>A form that a network of the kind has not is told, and left out.</summary>
    private IReadOnlyList<DenseForm> Possible(DenseSpec spec)
    {
        if (spec.HasPure || !Forms.Contains(DenseForm.CSharp)) return Forms;
        Notices.Tell(
            $"{spec.ClassName}: on a transformer, and of a detector of two stages, there is no form '{DenseForm.CSharp.Name}'; the others are written");
        return [.. Forms.Where(form => form != DenseForm.CSharp)];
    }

    private static Dictionary<string, string> Metadata(DenseSpec spec, DenseFacts facts) => new()
    {
        ["class"] = spec.ClassName,
        ["task"] = Word(facts.Settings.Task),
        ["head"] = facts.Settings.Head.Word(),
        ["classes"] = string.Join(", ", facts.Settings.Classes),
        ["architecture"] = facts.Backbone.Architecture!,
        ["space"] = facts.Backbone.Space!,
        [FixedNetwork.SizeKey] = spec.Network.Size.ToString(CultureInfo.InvariantCulture),
        ["shortSide"] = spec.Images.ShortSide.ToString(CultureInfo.InvariantCulture),
        ["longSide"] = spec.Images.LongSide.ToString(CultureInfo.InvariantCulture),
    };

    private ImageStore Load(int count, long seed) => ImageStore.Load(
        ImageSource.Open(Data).Sample(count, seed), new() { Canvas = int.MaxValue, MaxPixels = Images.MaxPixels },
        warning => Notices.Tell($"{warning}"));

    /// <summary>The smallest square that any of the images fits into as the network was evaluated with them.</summary>
    private static int SideOf(DenseSettings settings, ImageStore photos)
    {
        var rule = settings.Images();
        var most = Enumerable.Range(0, photos.Count).Select(i => photos.Get([i]).Images[0])
            .Select(image => rule.Place(image.Width, image.Height, seed: 0, step: 0, image: 0))
            .Max(place => Math.Max(place.Width, place.Height));
        return (most + Multiple - 1) / Multiple * Multiple;
    }

    /// <summary>The images, each in the corner of the square: [N, 3, S, S], and the sizes within.</summary>
    private static (Tensor Images, IReadOnlyList<(int Height, int Width)> Sizes) Batch(DenseSettings settings, ImageStore photos, int side)
    {
        var rule = settings.Images() with { MinSize = Math.Min(settings.MinSize, side), MaxSize = Math.Min(settings.MaxSize, side) };
        var (batch, sizes) = (zeros(photos.Count, 3, side, side), new List<(int, int)>());
        for (var i = 0; i < photos.Count; i++)
        {
            using var scope = NewDisposeScope();
            var image = photos.Get([i]).Images[0];
            var place = rule.Place(image.Width, image.Height, seed: 0, step: 0, i);
            batch[i].narrow(1, 0, place.Height).narrow(2, 0, place.Width).copy_(place.Of(image, rule.Mean, rule.Std));
            sizes.Add((place.Height, place.Width));
        }
        return (batch, sizes);
    }

    private static DenseOutput Expected(DenseNetwork network, Tensor images, IReadOnlyList<(int Height, int Width)> sizes)
    {
        if (network.Segmenter is { } segmenter) return new Pixels(segmenter.Logits(images), segmenter.Segment(images));
        var found = network.Detector!.Detect(new(images, [.. sizes.Select(size => new ImageSize(size.Height, size.Width))]));
        return new Objects([.. found.Select(one => FoundBox.Of(one.Boxes, one.Scores, one.Labels))]);
    }

    /// <summary>A pyramid stands beside the backbone in an emitted class, and within what is trained.</summary>
    private static string KeyOf(string key) => key.StartsWith("backbone.fpn.", StringComparison.Ordinal) ? key["backbone.".Length..] : key;
}
