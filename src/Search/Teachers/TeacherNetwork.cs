using System.Globalization;
using DataSsl.Runtime;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training.Teachers;
using DataSsl.Runtime.Views;
using DataSsl.Search.Networks;
using DataSsl.Search.Start;
using static TorchSharp.torch;
using Architecture = DataSsl.Runtime.Supernets.Architecture;

namespace DataSsl.Search.Teachers;

/// <summary>A foreign teacher by the name that a command line gives it.</summary>
/// <param name="Network">The network; the caller's.</param>
/// <param name="Origin">What a run keeps of it.</param>
public sealed record TeacherNetwork(ForeignTeacher Network, TeacherOrigin Origin)
{
    /// <summary>What such weights are shown at the least: made for 224 pixels, they say little of smaller ones.</summary>
    private const int LeastSize = 96;

    /// <summary>Reads a teacher.</summary>
    /// <param name="weights"><see cref="ImageNetResNet18.Name"/>; an <c>.onnx</c> file; a run's folder or checkpoint; any other file that
    /// <see cref="GivenNetwork.Read"/> takes.</param>
    /// <param name="architecture">Of a run, which of its networks; null for the largest.</param>
    /// <param name="size">Side in pixels of the images that it shall be shown; null for its own.</param>
    /// <param name="views">What it is shown.</param>
    /// <param name="spaces">Where weights may have a place, the likeliest first.</param>
    /// <param name="viewSize">Side in pixels of the student's views.</param>
    /// <param name="device">Where it computes; ONNX models on the CPU.</param>
    /// <exception cref="UserException">It cannot be read, or is no network that these images can be shown to.</exception>
    public static TeacherNetwork Open(
        string weights, string? architecture, int? size, TeacherViews views, IReadOnlyList<SearchSpace> spaces, int viewSize, Device device)
    {
        var isBuiltIn = weights == ImageNetResNet18.Name;
        var path = GivenNetwork.Existing(weights);
        var isOnnx = !isBuiltIn && Path.GetExtension(path).Equals(".onnx", StringComparison.OrdinalIgnoreCase);
        var run = isBuiltIn || isOnnx ? null : GivenNetwork.RunOf(path);
        if (architecture is not null && run is null)
            throw new UserException($"--teacher-arch {architecture}: {weights} is one network; the option goes with a run, which has many");
        if (isOnnx)
        {
            var model = OnnxTeacher.Open(path, size, Math.Max(LeastSize, viewSize), get_num_threads());
            return new(model, new(GivenNetwork.FullName(weights), GivenNetwork.HashOf(weights), null, model.Size, model.Dimension, views));
        }
        var metadata = path.EndsWith(".safetensors", StringComparison.Ordinal)
            ? SafeTensors.ReadMetadata(path)
            : new Dictionary<string, string>();
        using var given = GivenNetwork.Read(weights, InOrder(path, spaces, run?.Space, metadata));
        var space = given.Architecture.Space;
        if (space.InputChannels != 3)
            throw new UserException(
                $"{path}: takes images of {space.InputChannels} channels, which cannot be made from these, which have 3; give another --teacher");
        var chosen = run?.Method.Choose(space, architecture, path) ?? given.Architecture;
        var own = isBuiltIn ? Math.Max(LeastSize, viewSize) : run?.Size ?? SizeOf(metadata) ?? space.InputSize;
        var network = new FrozenNetwork(given, chosen, space.CheckSize(size ?? own, "--teacher-size"), device);
        return new(
            network, new(given.Name, given.Hash, $"{space.Name} {chosen}", network.Size, network.Dimension, views, OfRun: run is not null));
    }

    /// <summary>The space that the file names alone where it is a run's; first where it names one; otherwise all.</summary>
    private static IReadOnlyList<SearchSpace> InOrder(
        string path, IReadOnlyList<SearchSpace> spaces, string? ofRun, IReadOnlyDictionary<string, string> metadata)
    {
        if (ofRun is null)
            return metadata.TryGetValue("space", out var named) && named.Split(' ') is [var name, ..]
                ? [.. spaces.OrderByDescending(space => space.Name == name)]
                : spaces;
        return spaces.FirstOrDefault(space => space.Name.Equals(ofRun, StringComparison.OrdinalIgnoreCase)) is { } own ? [own]
            : throw new UserException($"{path}: a run of space '{ofRun}', which is not compiled here; give it with --space-file FILE");
    }

    private static int? SizeOf(IReadOnlyDictionary<string, string> metadata) =>
        int.TryParse(metadata.GetValueOrDefault(FixedNetwork.SizeKey), NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            && ViewBounds.Size.Holds(size)
            ? size
            : null;
}
