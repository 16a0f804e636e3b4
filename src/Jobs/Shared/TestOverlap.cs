using System.Text.Json.Nodes;
using DataSsl.Runtime;
using DataSsl.Runtime.Curation;
using DataSsl.Runtime.Data;

namespace DataSsl.Jobs.Shared;

/// <summary>Test images that are learnt from too: what is refused, and what is told of the others.</summary>
internal static class TestOverlap
{
    /// <summary>Refuses a test set that holds nothing but images that were learnt from.</summary>
    /// <param name="option">What messages call the images that are learnt from.</param>
    public static void MustDiffer(ImageSource test, ImageSource train, string option)
    {
        if (test.CopiesOf(train).Count == test.Count)
            throw new UserException($"--test {test.Root}: holds the images of {option}; give others, or leave --test away");
    }

    /// <summary>Refuses a test set that holds an image, byte by byte, which was learnt from.</summary>
    /// <param name="option">What messages call the images that are learnt from.</param>
    public static void MustShareNone(ImageSource test, ImageSource train, string option)
    {
        if (test.CopiesOf(train) is [var (copy, first), ..] copies)
            throw new UserException(
                $"--test {test.Root}: {Images.Copies(copies.Count)} of images of {option}, the first: '{test.Names[copy]}' of '{train.Names[first]}'; they were learnt from, so take them out, or leave --test away");
    }

    /// <summary>
    /// Looks for test images whose pictures are also learnt from, and says in one line how many, and how to be rid of them.
    /// </summary>
    /// <param name="option">What messages call the images that are learnt from.</param>
    public static TestLeaks Tell(ImageStore train, ImageStore test, string option)
    {
        var leaks = TestLeaks.Find(train, test, progress: new ProgressLine(train.Count, "images looked for in --test").Report);
        if (leaks.Found is not [var first, ..]) return leaks;
        var draw = leaks.Looked + leaks.Exact < test.Count
            ? FormattableString.Invariant($" of {leaks.Looked:N0} drawn")
            : "";
        Notices.Tell(
            $"--test {test.Source.Root}: {Wording.Count(leaks.Found.Count, "image")} of {test.Count:N0} {(leaks.Found.Count == 1 ? "is" : "are")} in {option} too ({leaks.Exact:N0} byte by byte, {leaks.Near:N0}{draw} stored again, mirrored or cut), the first: '{test.Source.Names[first.Test]}' of '{train.Source.Names[first.Train]}'; accuracy on them flatters: train on the list that this writes: {NextCommand.Of("data check", "--data", train.Source.Root, "--test", test.Source.Root, "--out", "checked")}");
        return leaks;
    }

    /// <summary>How many there are.</summary>
    public static JsonObject Json(TestLeaks leaks) => new()
    {
        ["exact"] = leaks.Exact,
        ["near"] = leaks.Near,
        ["lookedFor"] = leaks.Looked,
    };
}
