using System.Text.Json.Nodes;
using DataSsl.Dense.Data;
using DataSsl.Dense.Training;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using static TorchSharp.torch;

namespace DataSsl.Jobs.DenseTasks;

/// <summary>What a dense network learns from and what it is tested on.</summary>
/// <param name="Train">To learn from.</param>
/// <param name="Test">To test on.</param>
/// <param name="TrainImages">Where the former are.</param>
/// <param name="TestImages">Where the latter are.</param>
/// <param name="Classes">Their names, by number.</param>
/// <param name="Split">In words, how the two were told apart.</param>
internal sealed record DenseData(
    DenseExamples Train, DenseExamples Test, ImageStore TrainImages, ImageStore TestImages, IReadOnlyList<string> Classes, string Split)
{
    /// <summary>The share that is the test set where none is given.</summary>
    private const double TestShare = 0.2;

    /// <summary>Intervals are over images: of one there are none.</summary>
    private const int FewestTests = 2;

    /// <summary>Reads both sets.</summary>
    /// <param name="classes">Names of the classes, where the user gives them.</param>
    /// <param name="voidNumber">The number of pixels that nothing is said of.</param>
    public static DenseData Load(
        DenseTask task, string data, string? test, IReadOnlyList<string>? classes, int voidNumber, long seed)
    {
        var options = new DenseOptions
        {
            Classes = classes,
            WithMasks = task == DenseTask.Instances,
            Void = voidNumber,
            Images = new() { MaxPixels = Images.MaxPixels, Workers = get_num_threads() },
        };
        return task == DenseTask.Segmentation ? Segmentation(data, test, options, seed) : Detection(data, test, options, seed);
    }

    /// <summary>Where the images came from.</summary>
    public JsonObject Facts(int labelled) => new()
    {
        ["train"] = Part(TrainImages, Train),
        ["labelled"] = labelled,
        ["test"] = Part(TestImages, Test),
        ["classes"] = new JsonArray([.. Classes.Select(name => JsonValue.Create(name))]),
        ["split"] = Split,
    };

    private static DenseData Detection(string data, string? test, DenseOptions options, long seed)
    {
        var train = DetectionSet.Load(data, options, Warn);
        Tell(data, train.Images, train.Count, train.ClassNames);
        if (test is null) return HeldOut(new DetectionExamples(train), train.Images, train.ClassNames, data, seed);
        var other = DetectionSet.Load(test, options with { Classes = train.ClassNames }, Warn);
        if (other.UnknownClasses is [var unknown, ..])
            throw new UserException($"--test {test}: its class '{unknown}' is none of {data}");
        Tell(test, other.Images, other.Count, null);
        return Given(new DetectionExamples(train), new DetectionExamples(other), train.Images, other.Images, train.ClassNames, test);
    }

    private static DenseData Segmentation(string data, string? test, DenseOptions options, long seed)
    {
        var train = SegmentationSet.Load(data, options, Warn);
        Tell(data, train.Images, train.Count, train.ClassNames);
        if (test is null) return HeldOut(new SegmentationExamples(train), train.Images, train.ClassNames, data, seed);
        var other = SegmentationSet.Load(test, options with { Classes = train.ClassNames }, Warn);
        Tell(test, other.Images, other.Count, null);
        return Given(
            new SegmentationExamples(train), new SegmentationExamples(other), train.Images, other.Images, train.ClassNames, test);
    }

    private static DenseData Given(
        DenseExamples train, DenseExamples test, ImageStore trainImages, ImageStore testImages, IReadOnlyList<string> classes, string path)
    {
        TestOverlap.MustDiffer(testImages.Source, trainImages.Source, "--data");
        TestOverlap.Tell(trainImages, testImages, "--data");
        return test.Count >= FewestTests
            ? new(train, test, trainImages, testImages, classes, "--test")
            : throw new UserException($"--test {path}: has one image, which says nothing of others; give {FewestTests} or more");
    }

    private static DenseData HeldOut(
        DenseExamples all, ImageStore images, IReadOnlyList<string> classes, string path, long seed)
    {
        if (all.Count * TestShare < FewestTests)
            throw new UserException(
                $"--data {path}: of {Wording.Count(all.Count, "image")} too few can be kept for testing; give --test, or more images");
        var (kept, heldOut) = all.Split(TestShare, seed);
        return new(
            kept, heldOut, images, images, classes,
            FormattableString.Invariant($"{100 * TestShare:0} % of the images of --data, held out by seed {seed}"));
    }

    private static void Warn(string line) => Notices.Tell($"{line}");

    private static void Tell(string path, ImageStore images, int count, IReadOnlyList<string>? classes) =>
        Notices.Tell(
            $"{path}: {Wording.Count(count, "image")} ({images.Source.Layout}){(classes is null ? "" : $" of {Wording.Count(classes.Count, "class", "classes")}")}");

    private static JsonObject Part(ImageStore store, DenseExamples part) => new()
    {
        ["path"] = store.Source.Root,
        ["fingerprint"] = store.Source.Fingerprint[..16],
        ["images"] = part.Count,
    };
}
