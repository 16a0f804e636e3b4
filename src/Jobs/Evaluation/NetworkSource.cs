using System.Text.Json.Nodes;
using DataSsl.Jobs.Shared;
using DataSsl.Jobs.Start;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Evaluation;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Search.Emit;
using DataSsl.Search.Networks;
using DataSsl.Search.Start;
using DataSsl.Search.Teachers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DataSsl.Jobs.Evaluation;

/// <summary>
/// A network that is to be evaluated, before any image is read: a subnet of a checkpoint, of random or given weights, an emitted class, or
/// an ONNX model.
/// </summary>
/// <param name="Title">What results call it.</param>
/// <param name="Size">Side of the images in pixels.</param>
/// <param name="Folder">The run that it is of; null where it is of none.</param>
/// <param name="Facts">Where it came from.</param>
/// <param name="IsCalibrated">Whether <paramref name="Build"/> gathers BatchNorm statistics; otherwise the network has its own.</param>
/// <param name="Build">Makes it with statistics over so many of the images, on a device; in evaluation mode, and the caller's.</param>
public sealed record NetworkSource(
    string Title, int Size, string? Folder, JsonObject Facts, bool IsCalibrated,
    Func<EvaluationImages, CalibrationDraw, Device, nn.Module<Tensor, Tensor>> Build)
{
    /// <summary>Side of the images of an ONNX model that names none.</summary>
    private const int OtherwiseSize = 224;

    /// <summary>What the network is of; null for an emitted class that does not say.</summary>
    public Architecture? Architecture { get; init; }

    /// <summary>What it is shown of pictures, as its training was.</summary>
    public PixelRule Pixels { get; init; } = PixelRule.ImageNet;

    /// <summary>How its training cut pictures into images; null where each was one, or nobody knows.</summary>
    public TileRule? Tiles { get; init; }

    /// <summary>Refuses a network of other pictures than of red, green and blue by ImageNet's statistics.</summary>
    /// <param name="what">What else is asked of it.</param>
    public void MustShowColours(string what)
    {
        if (!Pixels.IsImageNet)
            throw new UserException(
                $"{what}: reads red, green and blue of 8 bits by ImageNet's statistics, and {Title} is shown {Pixels}; give another network");
    }

    /// <param name="keptLayers">Hidden layers of the run's head that stay behind it.</param>
    public static NetworkSource Subnet(SpaceCatalogue spaces, string checkpoint, string? architecture, int? size, int keptLayers = 0)
    {
        var path = CheckpointFolder.FileOf(checkpoint);
        var (options, step) = Checkpoint.Describe(path);
        var space = spaces.Find(options.Space);
        var a = options.Method.Choose(space, architecture, path);
        if (options.Method.Objective.Heads().Projector.Hidden.Length is var most && keptLayers > most)
            throw new UserException(
                $"--keep-head {keptLayers}: the head of {options.Method.Objective.Name} has {Wording.Count(most, "hidden layer")}; give {most} or less");
        Checkpoint.Check(path, space);
        var facts = Origin("subnet", space, a);
        facts["objective"] = options.Method.Objective.Name;
        if (options.Teacher is { } teacher) facts["teacher"] = teacher.ToString();
        facts["checkpoint"] = path;
        facts["checkpointHash"] = Checkpoint.Hash(path);
        facts["step"] = step;
        return new(
            FormattableString.Invariant(
                $"{architecture ?? (options.Method.Architecture is null ? "Max" : "the network")} of {path} (step {step:N0})"),
            space.CheckSize(size ?? options.Size), Path.GetDirectoryName(Path.GetFullPath(path)), facts, true, (images, count, device) =>
        {
            using var networks = Checkpoint.LoadNetworks(path, space, device);
            var network = Calibrated(networks.Student, a, images, count, device);
            return keptLayers == 0
                ? network
                : nn.Sequential(network, networks.StudentHead.Projector.FirstLayers(keptLayers, a.EmbeddingChannels));
        })
        { Architecture = a, Pixels = options.Pixels, Tiles = options.Tiles };
    }

    /// <summary>What training starts from: the floor that every figure of a trained network has to be seen against.</summary>
    public static NetworkSource Random(SearchSpace space, string architecture, int? size, long seed)
    {
        MustTakeColours(space, "--random");
        var a = space.Parse(architecture);
        var facts = Origin("random", space, a);
        facts["weightsSeed"] = seed;
        return new(
            $"{architecture} of {space.Name} with random weights", space.CheckSize(size ?? space.InputSize), null, facts, true,
            (images, count, device) =>
        {
            using var store = new ParameterStore();
            var net = space.CreateSupernet(store);
            store.Allocate(device, ScalarType.Float32, trainable: false);
            store.Initialize(seed);
            return Calibrated(net, a, images, count, device);
        })
        { Architecture = a };
    }

    /// <summary>
    /// What a run with <c>--from</c> starts from: the given network itself with the statistics that it came with, or another slice.
    /// </summary>
    /// <param name="option">What messages call the weights.</param>
    public static NetworkSource Given(
        SearchSpace space, string weights, string? architecture, int? size, long seed, string option = "--from")
    {
        MustTakeColours(space, option);
        var from = FromWeights.Read(weights, space, option);
        var a = architecture is null ? from.Given.Architecture : space.Parse(architecture);
        var facts = Origin("given", space, a);
        facts["weights"] = from.Origin.Weights;
        facts["weightsHash"] = from.Origin.Hash;
        facts["weightsSeed"] = seed;
        var isWhole = a.Equals(from.Given.Architecture) && from.Given.HasStatistics;
        return new(
            $"{architecture ?? a.ToString()} of {space.Name} from {weights}", space.CheckSize(size ?? space.InputSize), null, facts,
            !isWhole, (images, count, device) =>
        {
            using var start = GivenStart.For(from.Given, a, seed);
            using var network = from.Given;
            if (!isWhole) return Calibrated(start.Net, a, images, count, device);
            using var statistics = start.StatisticsOf(a)!;
            return FixedNetwork.Of(start.Net, a, statistics, device);
        })
        { Architecture = a };
    }

    /// <summary>An emitted class, or a file of ONNX Runtime's: what was emitted, or anybody's.</summary>
    public static NetworkSource Emitted(string sourcePath, string? weightsPath, int? size, Device device)
    {
        if (sourcePath.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase)) return Onnx(sourcePath, weightsPath, size);
        if (!sourcePath.EndsWith(".cs", StringComparison.OrdinalIgnoreCase))
            throw new UserException(
                $"--emitted {sourcePath}: neither a class nor an ONNX model; give the .cs file that 'datassl emit' wrote, with its .safetensors beside it, or an .onnx file");
        var weights = weightsPath ?? EmittedClass.WeightsOf(sourcePath);
        var (network, name, emittedSize) = FixedNetwork.Read(sourcePath, weights, device);
        if (!SafeTensors.IsChecked(weights)) Notices.Tell($"{weights}: of another program, without a checksum: read unchecked");
        if ((size ?? emittedSize) is not { } side)
        {
            network.Dispose();
            throw new UserException($"{weights}: does not say which images the network is for; give --size");
        }
        if (network is PureModule { Side: var only } && only != side)
        {
            network.Dispose();
            throw new UserException($"--size {side}: {sourcePath} takes images of {only} pixels alone; leave the option out");
        }
        var facts = new JsonObject
        {
            ["kind"] = network is PureModule ? "pure" : "emitted",
            ["class"] = name,
            ["source"] = sourcePath,
            ["sourceHash"] = Checkpoint.Hash(sourcePath),
            ["weights"] = weights,
            ["weightsHash"] = Checkpoint.Hash(weights),
        };
        return new(name, side, null, facts, false, (_, _, _) => network) { Pixels = Preprocessing.Read(weights) };
    }

    private static NetworkSource Onnx(string path, string? weights, int? size)
    {
        if (weights is not null) throw new UserException($"--weights {weights}: {path} has its weights within; leave the option out");
        if (!File.Exists(path)) throw new UserException($"--emitted {path}: no such file");
        var model = OnnxTeacher.Open(path, size, OtherwiseSize, get_num_threads(), "--emitted", "--size");
        var facts = new JsonObject { ["kind"] = "onnx", ["model"] = path, ["modelHash"] = Checkpoint.Hash(path) };
        return new(Path.GetFileName(path), model.Size, null, facts, false, (_, _, _) => new OnnxEmbedding(model));
    }

    /// <summary>Refuses what has no weights of its own here.</summary>
    public void MustBeTrainable()
    {
        if (Facts["model"] is { } model)
            throw new UserException($"--emitted {model}: an ONNX model is computed, and not trained on; give the class");
        if ((string?)Facts["kind"] == "pure")
            throw new UserException(
                $"--emitted {Facts["source"]}: a class for inference by .NET alone is computed, and not trained on; give the class");
    }

    /// <summary>Refuses what gives an embedding and no maps.</summary>
    /// <param name="option">What asks for them.</param>
    public void MustGiveMaps(string option)
    {
        if ((string?)Facts["kind"] is "onnx" or "pure")
            throw new UserException(
                $"{option}: {Title} gives embeddings alone, and no maps; give the class that was emitted beside it, a run or weights");
    }

    /// <summary>Whether it has learnt nothing yet.</summary>
    public bool IsRandom => (string?)Facts["kind"] == "random";

    /// <summary>In words, whose BatchNorm statistics the network has.</summary>
    /// <param name="network">What was built.</param>
    /// <param name="images">How many training images there are.</param>
    /// <param name="asked">How many of them were asked for.</param>
    public string BatchNorm(nn.Module<Tensor, Tensor> network, int images, CalibrationDraw asked)
    {
        if (!network.modules().Any(module => module is NormBase { track_running_stats: true })) return "none";
        var count = Math.Min(images, asked.Count);
        return IsCalibrated
            ? $"statistics of {Wording.Count(count, "training image")}"
            : (string?)Facts["kind"] == "given"
            ? "as given"
            : "as emitted";
    }

    /// <summary>A subnet as the class that would be emitted, with statistics over so many of the images; the caller disposes it.</summary>
    public static nn.Module<Tensor, Tensor> Calibrated(
        Supernet net, Architecture architecture, EvaluationImages images, CalibrationDraw draw, Device device)
    {
        using var grad = no_grad();
        using var statistics = net.Calibrate(architecture, images.CalibrationBatches(draw));
        return FixedNetwork.Of(net, architecture, statistics, device);
    }

    /// <summary>What a network makes of images: [N, C].</summary>
    /// <exception cref="InvalidOperationException">Some of it is no number.</exception>
    public static Tensor Features(nn.Module<Tensor, Tensor> network, EvaluationImages images)
    {
        var features = images.Features(network.call, new ProgressLine(images.Count, "images").Report);
        return features.isfinite().all().item<bool>()
            ? features
            : throw new InvalidOperationException("the network's embeddings are not all finite: its training diverged");
    }

    /// <summary>Weights of no run say nothing of what the bands of their images are normalised by.</summary>
    private static void MustTakeColours(SearchSpace space, string option)
    {
        if (space.InputChannels != 3)
            throw new UserException(
                $"{option}: of no run, which alone knows how images of {Wording.Count(space.InputChannels, "band")} are normalised; give --checkpoint of one");
    }

    private static JsonObject Origin(string kind, SearchSpace space, Architecture architecture) => new()
    {
        ["kind"] = kind,
        ["space"] = space.Name,
        ["spaceHash"] = space.Hash,
        ["architecture"] = architecture.ToString(),
    };
}
