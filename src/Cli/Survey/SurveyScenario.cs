using System.Text;
using DataSsl.Cli.Evaluation;
using DataSsl.Dense.Data;
using DataSsl.Jobs.Evaluation;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Training;
using DataSsl.Search.Candidates;
using static TorchSharp.torch;

namespace DataSsl.Cli.Survey;

/// <summary>Labelled images that networks are measured over.</summary>
/// <param name="Name">What tables call it.</param>
/// <param name="Train">To learn from.</param>
/// <param name="Test">To test on; null to hold some out.</param>
/// <param name="Labels">Share of the training images whose labels are used.</param>
/// <param name="Size">Side of the images in pixels; null for that which a network learnt from.</param>
/// <param name="Classes">The classes that count; null for all.</param>
/// <param name="CutsBoxes">Whether the images are the boxes that objects are marked with.</param>
/// <param name="Place">Where it is asked for.</param>
internal sealed record SurveyScenario(
    string Name, string Train, string? Test, double Labels, int? Size, IReadOnlyList<string>? Classes, bool CutsBoxes, string Place)
{
    private const string Missing = "no such file; give a text file with one scenario a line, 'NAME TRAIN [TEST] [SETTING=VALUE ...]'";
    private const string Settings = "labels=10%, size=64, classes=A,B,... or cut=boxes";

    /// <summary>
    /// The scenarios of a text file, one a line: a name, the path of labelled images to learn from, perhaps one of images to test on, and
    /// settings. Paths are relative to the file's folder; what holds blanks stands in double quotes.
    /// </summary>
    /// <param name="labels">The share of labels where a line gives none.</param>
    /// <exception cref="UserException">There is no such file, or a line of it is no scenario.</exception>
    public static IReadOnlyList<SurveyScenario> Read(string path, double labels)
    {
        var scenarios = new List<SurveyScenario>();
        foreach (var (line, text) in CandidateFile.Texts(path, Missing))
        {
            var place = FormattableString.Invariant($"{path}, line {line}");
            var scenario = Parse(place, Path.GetDirectoryName(Path.GetFullPath(path))!, text, labels);
            if (scenarios.Exists(other => other.Name == scenario.Name))
                throw new UserException($"{place}: '{scenario.Name}' is there twice; give each scenario a name of its own");
            scenarios.Add(scenario);
        }
        return scenarios.Count > 0 ? scenarios : throw new UserException($"{path}: names no scenario");
    }

    private static SurveyScenario Parse(string place, string folder, string text, double labels)
    {
        var words = Words(place, text);
        var paths = words.TakeWhile(word => !word.IsSetting).Select(word => word.Text).ToList();
        if (paths is not [var name, var train, .. { Count: <= 1 } rest])
            throw new UserException($"{place}: '{text}': give a name, the path of labelled images, perhaps that of others to test on, and settings");
        var scenario = new SurveyScenario(
            name, Path.Combine(folder, train), rest is [var test] ? Path.Combine(folder, test) : null, labels, null, null, false, place);
        foreach (var word in words.Skip(paths.Count))
        {
            if (!word.IsSetting) throw new UserException($"{place}: '{word.Text}': paths come before settings");
            var (key, value) = (word.Text[..word.Text.IndexOf('=')], word.Text[(word.Text.IndexOf('=') + 1)..]);
            scenario = (key, value) switch
            {
                ("labels", _) => scenario with { Labels = EvaluateVerbOptions.Share(value, $"{place}: labels") },
                ("size", _) => TrainBounds.Side.TryRead(value, out var side)
                    ? scenario with { Size = side }
                    : throw new UserException($"{place}: {TrainBounds.Side.Refusal("size", value)}"),
                ("classes", _) => scenario with
                {
                    Classes = value.Split(',', StringSplitOptions.RemoveEmptyEntries) is { Length: > 1 } some
                        ? some
                        : throw new UserException($"{place}: classes={value}: give two or more, with a comma between them"),
                },
                ("cut", "boxes") => scenario with { CutsBoxes = true },
                _ => throw new UserException($"{place}: '{word.Text}' is no setting; there are {Settings}"),
            };
        }
        return scenario;
    }

    /// <summary>Words between blanks; quotes hold those together that have some.</summary>
    private static List<(string Text, bool IsSetting)> Words(string place, string text)
    {
        var words = new List<(string, bool)>();
        var (word, quoted, isOpen, isSetting) = (new StringBuilder(), false, false, false);
        foreach (var c in text + " ")
        {
            if (c == '"') (quoted, isOpen) = (!quoted, true);
            else if (!quoted && char.IsWhiteSpace(c))
            {
                if (isOpen) words.Add((word.ToString(), isSetting));
                (isOpen, isSetting) = (false, false);
                word.Clear();
            }
            else
            {
                // A path in quotes may hold a sign of equality; a setting's key is a word.
                isSetting |= c == '=' && !quoted && word.Length > 0 && word.ToString().All(char.IsAsciiLetter);
                isOpen = true;
                word.Append(c);
            }
        }
        return quoted ? throw new UserException($"{place}: a quote is not closed") : words;
    }

    /// <summary>Reads the images.</summary>
    /// <param name="seed">Of the split, where there is no test set.</param>
    public LabelledData Load(long seed)
    {
        try
        {
            return LabelledData.Of(Open(Train), Test is null ? null : () => Open(Test), seed, PixelRule.ImageNet, Name);
        }
        catch (UserException e)
        {
            throw new UserException($"{Place}: {e.Message}", e);
        }
    }

    private ImageSource Open(string path)
    {
        var source = CutsBoxes ? Boxes(path) : ImageSource.Open(path);
        return Classes is null ? source : source.OfClasses(Classes);
    }

    /// <summary>Each marked object as an image of its class; crowds, which are many at once, are left out.</summary>
    private static ImageSource Boxes(string path)
    {
        var set = DetectionSet.Load(
            path, new() { Images = new() { MaxPixels = Images.MaxPixels, Workers = get_num_threads() } },
            note => Notices.Tell($"{note}"));
        return ImageSource.Cut(
            set.Images,
            [
                .. from index in Enumerable.Range(0, set.Count)
                   from marked in set.Objects(index)
                   where !marked.IsCrowd
                   select (set.ImageOf(index), Pixels(marked.Box), marked.Class),
            ],
            set.ClassNames);
    }

    /// <summary>The whole pixels that a box touches.</summary>
    private static PixelBox Pixels(Box box)
    {
        var (left, top) = ((int)Math.Floor(box.Left), (int)Math.Floor(box.Top));
        return new(left, top, (int)Math.Ceiling(box.Right) - left, (int)Math.Ceiling(box.Bottom) - top);
    }
}
