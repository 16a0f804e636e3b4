using System.Text.Json.Nodes;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Curation;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Evaluation;

namespace DataSsl.Jobs.Evaluation;

/// <summary>Images of a store with their classes.</summary>
/// <param name="Store">Where they are.</param>
/// <param name="Indices">Which of them.</param>
/// <param name="Labels">The class of each of those.</param>
public sealed record LabelledPart(ImageStore Store, int[] Indices, int[] Labels)
{
    /// <summary>How many.</summary>
    public int Count => Indices.Length;

    /// <summary>The images at some places of this part.</summary>
    public LabelledPart At(int[] places) => new(Store, Array.ConvertAll(places, i => Indices[i]), Array.ConvertAll(places, i => Labels[i]));

    /// <summary>All images of a store.</summary>
    public static LabelledPart All(ImageStore store, int[] labels) => new(store, [.. Enumerable.Range(0, store.Count)], labels);
}

/// <summary>What a classifier learns from and what it is tested on.</summary>
/// <param name="Train">To learn from.</param>
/// <param name="Test">To test on.</param>
/// <param name="Classes">Number of classes.</param>
/// <param name="Split">In words, how the two were told apart.</param>
public sealed record LabelledData(LabelledPart Train, LabelledPart Test, int Classes, string Split)
{
    /// <summary>The share of every class that is the test set where none is given.</summary>
    private const double TestShare = 0.2;

    /// <summary>Images of a given test set that are learnt from too; null where one was held out here.</summary>
    public TestLeaks? Leaks { get; private init; }

    /// <summary>Lists both; what is wrong with them is told before an image is decoded.</summary>
    /// <param name="pixels">What is read of each image, and how it is normalised.</param>
    /// <param name="option">What messages call the first.</param>
    /// <param name="apart">Whether a given test set with a copy of an image that is learnt from is refused. Of a part that is held out here
    /// such are left out in any case, and of either a test image that is there twice counts once.</param>
    public static LabelledData Load(string data, string? test, long seed, PixelRule pixels, string option = "--data", bool apart = false) =>
        Of(ImageSource.Open(data), test is null ? null : () => ImageSource.Open(test), seed, pixels, option, apart);

    /// <summary>The same of sources.</summary>
    /// <inheritdoc cref="Load"/>
    /// <param name="test">Opens the test set, once the first has been found good; null to hold one out.</param>
    public static LabelledData Of(
        ImageSource source, Func<ImageSource>? test, long seed, PixelRule pixels, string option = "--data", bool apart = false)
    {
        var (data, trainSource) = (source.Root, Labelled(option, source));
        if (trainSource.ClassNames.Count < 2) throw new UserException($"{option} {data}: holds one class; give images of two or more");
        if (test is null)
        {
            var all = Readable(option, trainSource, pixels);
            var (kept, split) = LabelShare.HoldOut(all.Labels!, TestShare, seed, "test split");
            if (split.Length == 0)
                throw new UserException($"{option} {data}: no class has two images, so none can be kept for testing; give --test");
            var heldOut = Apart(all, kept, split, option);
            if (heldOut.Length == 0)
                throw new UserException($"{option} {data}: all images held out for testing are copies of others; give --test");
            var whole = LabelledPart.All(all, all.Labels!);
            return new(
                whole.At(kept), whole.At(heldOut), trainSource.ClassNames.Count,
                FormattableString.Invariant($"{100 * TestShare:0} % of each class of {option}, held out by seed {seed}"));
        }
        var testSource = Labelled("--test", test());
        var unknown = testSource.ClassNames.Except(trainSource.ClassNames).FirstOrDefault();
        if (unknown is not null) throw new UserException($"--test {testSource.Root}: its class '{unknown}' is none of {data}");
        if (apart) TestOverlap.MustShareNone(testSource, trainSource, option);
        else TestOverlap.MustDiffer(testSource, trainSource, option);
        var (trainStore, testStore) = (Readable(option, trainSource, pixels), Images.Whole(testSource, pixels));
        var leaks = TestOverlap.Tell(trainStore, testStore, option);
        var number = testSource.ClassNames.Select(name => trainSource.ClassNames.ToList().IndexOf(name)).ToArray();
        var distinct = testStore.Distinct();
        if (distinct.Length < testStore.Count)
            Notices.Tell(
                $"--test {testSource.Root}: of its images {Images.Copies(testStore.Count - distinct.Length)} of others in it: left out, so that each counts once");
        return new(
            LabelledPart.All(trainStore, trainStore.Labels!),
                LabelledPart.All(testStore, Array.ConvertAll(testStore.Labels!, label => number[label])).At(distinct),
                trainSource.ClassNames.Count, "--test")
        { Leaks = leaks };
    }

    /// <summary>Where the images came from; both parts name the same source where one was split.</summary>
    public JsonObject Facts(int labelled) => new()
    {
        ["train"] = Part(Train),
        ["labelled"] = labelled,
        ["test"] = Part(Test),
        ["classes"] = Classes,
        ["split"] = Split,
        ["leaks"] = Leaks is { } leaks ? TestOverlap.Json(leaks) : null,
    };

    /// <summary>Those held out that are no copies of images that were kept, each once.</summary>
    private static int[] Apart(ImageStore all, int[] kept, int[] heldOut, string option)
    {
        var firsts = all.Source.Copies().ToDictionary(copy => copy.Copy, copy => copy.First);
        var known = kept.Select(Content).ToHashSet();
        var apart = heldOut.Where(image => known.Add(Content(image))).ToArray();
        if (apart.Length < heldOut.Length)
            Notices.Tell(
                $"{option} {all.Source.Root}: {heldOut.Length - apart.Length:N0} of the images held out for testing are copies of others: left out");
        return apart;

        // Copies count as the first of them.
        int Content(int image) => firsts.GetValueOrDefault(all.Places[image], all.Places[image]);
    }

    private static JsonObject Part(LabelledPart part) => new()
    {
        ["path"] = part.Store.Source.Root,
        ["fingerprint"] = part.Store.Source.Fingerprint[..16],
        ["images"] = part.Count,
    };

    private static ImageSource Labelled(string option, ImageSource source)
    {
        return source.Labels is not null ? source
            : throw new UserException(
                $"{option} {source.Root}: has no classes{(source.WhyNoClasses is { } why ? $", since {why}" : "")}; give one sub-folder a class, or a list with a class behind each path");
    }

    /// <summary>The images that decode, if they are of two classes still.</summary>
    private static ImageStore Readable(string option, ImageSource source, PixelRule pixels)
    {
        var store = Images.Whole(source, pixels);
        return store.Labels!.Distinct().Take(2).Count() == 2
            ? store
            : throw new UserException($"{option} {source.Root}: images of one class alone can be read; give images of two or more");
    }
}
