using System.Text.Json.Nodes;
using DataSsl.Search.Networks;

namespace DataSsl.Cli.Tests.Verbs;

[Collection(nameof(ConsoleCollection))]
public sealed class EmitTests(TrainedRun run)
{
    private static readonly string[] Winners =
        ["Demo_2M_Classification", "Demo_ParamsUpto300K_Classification", "Demo_2M_Segmentation", "Demo_ParamsUpto300K_Segmentation"];

    [Fact]
    public void WinnersAreEmittedAndNamedInTheResult()
    {
        var (result, folder) = (Copy(), run.NewFolder());
        var emitted = Command.Succeed(
            "emit", "--search", result, "--out", folder, "--namespace", "Acme.Models", "--json").Json["emitted"]!.AsArray();
        Assert.Equal(Winners.Order(), emitted.Select(e => (string)e!["class"]!).Order());
        Assert.All(emitted, e => Assert.Equal(0, (double)e!["maxAbsDifference"]!));
        Assert.All(emitted, e => Assert.True(File.Exists((string)e!["source"]!) && File.Exists((string)e["weights"]!)));
        var source = File.ReadAllText(Path.Combine(folder, "Demo_2M_Classification.cs"));
        Assert.Contains("namespace Acme.Models;", source);
        Assert.Matches(
            @"// stem=\d+ .* of Demo, best of 3 within 2-3M for classification\n// score -?\d+\.\d+: mean cosine to the teacher's, on z\n// space [0-9a-f]+, checkpoint [0-9a-f]{16}, data [0-9a-f]{16}, seed 0, datassl \d",
            source);
        var recorded = JsonNode.Parse(File.ReadAllText(result))!["winners"]!.AsArray();
        Assert.All(recorded, w => Assert.Equal(0, (double)w!["proofMaxAbsDifference"]!));
        var home = Path.GetDirectoryName(result)!;
        Assert.All(recorded, w => Assert.True(File.Exists(Path.Combine(home, (string)w!["sourceFile"]!))));
        var report = File.ReadAllText(Path.Combine(home, "report.html"));
        Assert.All(Winners, name => Assert.Contains(name, report));
    }

    /// <summary>Winners of a search are short and read together; each alone where it is asked for, or where there is one.</summary>
    [Fact]
    public void Winners_share_the_reader_of_their_weights_unless_each_shall_stand_alone()
    {
        var (shared, alone) = (run.NewFolder(), run.NewFolder());
        var (train, test) = run.LabelledSets();
        Command.Succeed("emit", "--search", Copy(), "--forms", "class", "--namespace", "Acme.Models", "--out", shared);
        Command.Succeed(
            "emit", "--search", Copy(), "--forms", "class", "--namespace", "Acme.Models", "--shared-loader", "false", "--out", alone);
        const string reader = "Acme.Models.WeightsFile.cs";
        Assert.True(File.Exists(Path.Combine(shared, reader)));
        Assert.False(File.Exists(Path.Combine(alone, reader)));
        string[] Classes(string folder) =>
            [.. Directory.GetFiles(folder, "*.cs").Where(file => Path.GetFileName(file) != reader).Order(StringComparer.Ordinal)];
        Assert.Equal(Winners.Length, Classes(shared).Length);
        // What is read is the network: the reader is the greater part of a file that stands alone.
        Assert.All(
            Classes(shared).Zip(Classes(alone)),
            pair => Assert.True(File.ReadLines(pair.First).Count() < File.ReadLines(pair.Second).Count() / 2, pair.First));
        InMemoryCompiler.Compile("Together", [.. Classes(shared).Append(Path.Combine(shared, reader)).Select(File.ReadAllText)]);
        foreach (var file in Classes(alone)) InMemoryCompiler.Compile("Alone", File.ReadAllText(file));
        // Both are evaluated by the one file that the user names.
        string Knn(string folder) => Command.Succeed(
            "evaluate", "knn", "--emitted", Path.Combine(folder, $"{Winners[0]}.cs"), "--data", train, "--test", test,
            "--json").Json["top1"]!.ToJsonString();
        Assert.Equal(Knn(alone), Knn(shared));
        File.Delete(Path.Combine(shared, reader));
        Assert.Contains(
            "WeightsFile",
            Command.Refuse("evaluate", "knn", "--emitted", Path.Combine(shared, $"{Winners[0]}.cs"), "--data", train, "--test", test));
    }

    [Fact]
    public void APatternNamesTheWinners()
    {
        var emitted = Command.Succeed(
            "emit", "--search", Copy(), "--out", run.NewFolder(), "--forms", "class", "--name", "Acme{task}{budget}",
            "--json").Json["emitted"]!.AsArray();
        Assert.Equal(
            ["AcmeClassification2M", "AcmeClassificationParamsUpto300K", "AcmeSegmentation2M", "AcmeSegmentationParamsUpto300K"],
            emitted.Select(e => (string)e!["class"]!).Order());
    }

    [Theory]
    [
        InlineData(
            "Acme_{task}",
            "--name Acme_{task}: gives 'Acme_Classification' to two winners, 2-3M for classification and params<=300K for classification; "
                + "tell them apart by {budget} and {task}"),
    ]
    [InlineData("{space}_{tasks}", "--name {space}_{tasks}: knows {space}, {budget} and {task}, and nothing else in braces")]
    [InlineData("{budget}_{task}", "class name '2M_Classification' is not a C# identifier; give one such as DemoSmall")]
    public void APatternThatGivesNoNamesIsRefused(string pattern, string why)
    {
        var folder = run.NewFolder();
        Assert.Equal(why, Command.Refuse("emit", "--search", run.Result, "--name", pattern, "--out", folder));
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public void AHeadIsInEveryForm()
    {
        var folder = run.NewFolder();
        Command.Succeed(
            "emit", "--checkpoint", run.Run, "--arch", "Min", "--images", "8", "--size", "32", "--name", "Seven", "--head", "7", "--forms",
            "class,folded,onnx,csharp", "--out", folder);
        foreach (var file in new[] { "Seven.cs", "SevenFolded.cs", "SevenPure.cs" })
            Assert.Contains("-> [N, 7].", File.ReadAllText(Path.Combine(folder, file)));
        var card = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "Seven.json")))!;
        Assert.Equal(7, (int)card["classes"]!);
        Assert.Equal(["class", "folded", "onnx", "csharp"], card["forms"]!.AsArray().Select(f => (string)f!["form"]!));
        Assert.Contains("| head | logits of 7 classes, not trained", File.ReadAllText(Path.Combine(folder, "Seven.md")));
    }

    [Theory]
    [InlineData("Middle", "Demo_Middle")]
    [InlineData("middle", "Demo_Middle")]
    [InlineData("max", "Demo_Max")]
    [InlineData("#12", "Demo_12")]
    [InlineData("stem=20 stage1=8x1 stage2=16x1 stage3=32x1 stage4=64x1", "Demo_Custom")]
    public void OneArchitectureIsEmitted(string architecture, string className)
    {
        var folder = run.NewFolder();
        var text = Command.Succeed(
            "emit", "--checkpoint", run.Run, "--arch", architecture, "--images", "4", "--size", "32", "--forms", "class", "--out",
            folder).Output;
        Assert.StartsWith(
            $"{className}: largest difference to its supernet slice 0 on 4 images; {Path.Combine(folder, className)}.cs, {Path.Combine(folder, className)}.safetensors\n  class ",
            text);
    }

    /// <summary>Of one image, or two, the nearest other leaves no choice: no agreement is claimed.</summary>
    [Theory]
    [InlineData(1, "1 image")]
    [InlineData(2, "2 images")]
    [InlineData(3, "3 images")]
    public void AProofOnFewImagesSaysSo(int count, string words)
    {
        var folder = run.NewFolder();
        var emit = Command.Succeed(
            "emit", "--checkpoint", run.Run, "--arch", "Min", "--images", $"{count}", "--size", "64", "--name", "Few", "--forms", "class",
            "--out", folder);
        Assert.Contains(
            $"BatchNorm's statistics and the proof rest on {words} alone; give --data and --images for 32 or more\n", emit.Error,
            StringComparison.Ordinal);
        Assert.Contains($" {words} (", emit.Error, StringComparison.Ordinal);
        Assert.Contains($"slice 0 on {words}; ", emit.Output, StringComparison.Ordinal);
        Assert.Equal(count > 2, emit.Output.Contains("100.0 %", StringComparison.Ordinal));
        var form = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "Few.json")))!["forms"]![0]!;
        Assert.Equal((count, count > 2 ? 1.0 : null), ((int)form["images"]!, (double?)form["neighbourAgreement"]));
    }

    [Fact]
    public void EveryFormIsWrittenAndProvenAndStandsInTheCard()
    {
        var folder = run.NewFolder();
        Command.Succeed(
            "emit", "--checkpoint", run.Run, "--arch", "Min", "--images", "8", "--size", "32", "--name", "All", "--license", "CC0-1.0",
            "--forms", "class,folded,onnx,csharp", "--out", folder);
        Assert.Equal(
            ["All.cs", "All.json", "All.md", "All.onnx", "All.safetensors", "AllFolded.cs", "AllPure.cs"],
            Directory.GetFileSystemEntries(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        var card = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "All.json")))!;
        Assert.Equal("CC0-1.0", (string)card["license"]!);
        var forms = card["forms"]!.AsArray();
        Assert.Equal(["class", "folded", "onnx", "csharp"], forms.Select(f => (string)f!["form"]!));
        Assert.All(forms, f => Assert.InRange((double)f!["relativeDifference"]!, 0, 1e-4));
        Assert.Contains("| licence | CC0-1.0 |", File.ReadAllText(Path.Combine(folder, "All.md")));
    }

    /// <summary>What somebody writes as a licence is a cell of the card's table and a text of its JSON, and nothing else.</summary>
    [Fact]
    public void A_licence_is_text_wherever_it_goes()
    {
        const string licence = "a | b\n# c <b>*d* [e](f) `g` \\ &amp; */ \u2028 \"\"\"";
        var folder = run.NewFolder();
        Command.Succeed(
            "emit", "--checkpoint", run.Run, "--arch", "Min", "--images", "8", "--size", "32", "--name", "Licensed", "--license", licence,
            "--forms", "class,onnx", "--out", folder);
        Assert.Equal(licence, (string)JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "Licensed.json")))!["license"]!);
        var card = File.ReadAllLines(Path.Combine(folder, "Licensed.md"));
        Assert.Equal(
            @"| licence | a \| b\n# c \<b\>\*d\* \[e\](f) \`g\` \\ \&amp; \*/ \u2028 """""" |",
            Assert.Single(card, line => line.StartsWith("| licence", StringComparison.Ordinal)));
        Assert.Equal(["# Licensed", "## Proof", "## Use"], card.Where(line => line.StartsWith('#')));
    }

    [Fact]
    public void No_file_s_metadata_names_a_key_twice()
    {
        var folder = run.NewFolder();
        Command.Succeed(
            "emit", "--checkpoint", run.Run, "--arch", "Min", "--images", "8", "--size", "32", "--name", "Once", "--head", "3", "--forms",
            "class,folded,onnx,csharp,half,onnx-half", "--out", folder);
        var seen = 0;
        foreach (var file in Directory.GetFiles(folder, "*", SearchOption.TopDirectoryOnly))
        {
            var bytes = File.ReadAllBytes(file);
            var keys = Path.GetExtension(file) switch
            {
                // ModelProto: 14 metadata_props, each with 1 key and 2 value.
                ".onnx" =>
                    [
                        Proto(bytes).Where(field => field.Number == 14)
                            .Select(property => Text(Proto(property.Bytes).Single(field => field.Number == 1).Bytes)).ToList(),
                    ],
                ".safetensors" => Objects(bytes.AsSpan(8, (int)BitConverter.ToInt64(bytes))),
                ".json" => Objects(bytes),
                _ => (List<List<string>>)[],
            };
            seen += keys.Count > 0 ? 1 : 0;
            Assert.All(keys, names => Assert.Equal(names.Distinct(), names));
            if (Path.GetExtension(file) == ".onnx")
                Assert.Equal(["architecture", "checkpoint", "class", "preprocessing", "size", "space"], keys[0].Order());
        }
        Assert.Equal(5, seen);

        static string Text(ReadOnlyMemory<byte> bytes) => System.Text.Encoding.UTF8.GetString(bytes.Span);
    }

    /// <summary>The keys of every object of a JSON text, as they stand there.</summary>
    private static List<List<string>> Objects(ReadOnlySpan<byte> json)
    {
        var (all, open) = (new List<List<string>>(), new Stack<List<string>>());
        var reader = new System.Text.Json.Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.TokenType == System.Text.Json.JsonTokenType.StartObject) open.Push([]);
            else if (reader.TokenType == System.Text.Json.JsonTokenType.PropertyName) open.Peek().Add(reader.GetString()!);
            else if (reader.TokenType == System.Text.Json.JsonTokenType.EndObject) all.Add(open.Pop());
        }
        return all;
    }

    /// <summary>The fields of a protobuf message that have bytes.</summary>
    private static List<(int Number, ReadOnlyMemory<byte> Bytes)> Proto(ReadOnlyMemory<byte> message)
    {
        var (fields, at) = (new List<(int, ReadOnlyMemory<byte>)>(), 0);
        while (at < message.Length)
        {
            var tag = Varint();
            switch (tag & 7)
            {
                case 0: Varint(); break;
                case 1: at += 8; break;
                case 5: at += 4; break;
                default:
                    var length = (int)Varint();
                    fields.Add(((int)(tag >> 3), message.Slice(at, length)));
                    at += length;
                    break;
            }
        }
        return fields;

        ulong Varint()
        {
            var value = 0UL;
            for (var shift = 0; ; shift += 7)
            {
                var one = message.Span[at++];
                value |= (ulong)(one & 0x7f) << shift;
                if (one < 0x80) return value;
            }
        }
    }

    [Fact]
    public void A_failing_emit_of_winners_leaves_those_before()
    {
        var (result, folder) = (Copy(), run.NewFolder());
        Command.Succeed("emit", "--search", result, "--forms", "class", "--out", folder);
        var before = Directory.GetFiles(folder).ToDictionary(path => path, path => Convert.ToHexString(File.ReadAllBytes(path)));
        var recorded = File.ReadAllText(result);
        // The last of them cannot take its place.
        File.Delete(Path.Combine(folder, $"{Winners[^1]}.cs"));
        Directory.CreateDirectory(Path.Combine(folder, $"{Winners[^1]}.cs"));
        Assert.Equal(1, Command.Run("emit", "--search", result, "--forms", "class,onnx", "--head", "5", "--out", folder).ExitCode);
        Directory.Delete(Path.Combine(folder, $"{Winners[^1]}.cs"));
        before.Remove(Path.Combine(folder, $"{Winners[^1]}.cs"));
        Assert.Equal(before, Directory.GetFiles(folder).ToDictionary(path => path, path => Convert.ToHexString(File.ReadAllBytes(path))));
        Assert.Empty(Directory.GetDirectories(folder));
        Assert.Equal(recorded, File.ReadAllText(result));
    }

    [Theory]
    [InlineData("class name 'A\u200bB' holds a character that nobody sees", "A\u200bB")]
    [InlineData("class name 'A\u00adB' holds a character that nobody sees", "A\u00adB")]
    public void ANameThatCSharpWouldChangeIsRefused(string start, string name) =>
        Assert.StartsWith(
            start, Command.Refuse("emit", "--checkpoint", run.Run, "--arch", "Min", "--name", name, "--out", run.NewFolder()));

    [Fact]
    public void ANameThatNoDiskTakesIsRefused() =>
        Assert.Contains(
            "is longer than 100 characters",
            Command.Refuse("emit", "--checkpoint", run.Run, "--arch", "Min", "--name", new string('A', 101), "--out", run.NewFolder()));

    [Theory]
    [InlineData("'nonsense' is not an architecture of Demo", "--arch", "nonsense")]
    [InlineData("--arch is missing", "--arch", null)]
    [InlineData("give --search FILE for the winners of a search", "--checkpoint", null)]
    [InlineData("nowhere: no such file", "--checkpoint", "nowhere")]
    [InlineData("class name '3x' is not a C# identifier", "--name", "3x")]
    [InlineData("class name 'class' is a C# keyword", "--name", "class")]
    [InlineData("class name 'Tensor' would hide a name that the emitted code uses", "--name", "Tensor")]
    [InlineData("class name '../Net' is not a C# identifier", "--name", "../Net")]
    [InlineData("namespace 'a..b': '' is not a C# identifier", "--namespace", "a..b")]
    [InlineData("--size 7 is too small for Demo", "--size", "7")]
    [InlineData("--images 0: give a whole number from 1 to 1000000", "--images", "0")]
    [InlineData("--head 0: give a whole number from 1 to 100000", "--head", "0")]
    [InlineData("--head 2147483647: give a whole number from 1 to 100000", "--head", "2147483647")]
    [InlineData("--forms jpeg: 'jpeg' is none of class, folded, onnx, csharp, onnx-uint8, files, half, onnx-half, onnx-int8", "--forms", "jpeg")]
    [InlineData("the image folder 'nowhere' does not exist", "--data", "nowhere")]
    public void BadInputIsOneLineAndLeavesNothing(string start, string option, string? value)
    {
        var folder = run.NewFolder();
        var arguments = new Dictionary<string, string?>
        {
            ["--checkpoint"] = run.Run,
            ["--arch"] = "Min",
            ["--size"] = "32",
            ["--out"] = folder,
            [option] = value,
        };
        Assert.StartsWith(
            start, Command.Refuse(["emit", .. arguments.Where(a => a.Value is not null).SelectMany(a => new[] { a.Key, a.Value! })]));
        Assert.False(Directory.Exists(folder));
    }

    [Theory]
    [InlineData("--arch", "Max")]
    [InlineData("--seed", "3")]
    public void OptionsThatASearchDecidesAreRefused(string option, string value) =>
        Assert.Equal(
            $"{option} goes with --arch; --search takes it from the search",
            Command.Refuse("emit", "--search", run.Result, option, value, "--out", run.NewFolder()));

    [Fact]
    public void AMissingResultIsSaid() =>
        Assert.StartsWith(
            "nowhere.json: there is no such file", Command.Refuse("emit", "--search", "nowhere.json", "--out", run.NewFolder()));

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{ \"space\": 3 }")]
    public void ADamagedResultIsSaid(string text)
    {
        var path = Copy();
        File.WriteAllText(path, text);
        Assert.StartsWith(path, Command.Refuse("emit", "--search", path, "--out", run.NewFolder()));
    }

    [Theory]
    [InlineData("checkpoint hash", null, "(no 'checkpoint hash')")]
    [InlineData("search data", null, "(no 'search data')")]
    [InlineData("images", "many", "('images' is 'many')")]
    [InlineData("images", "-8", "('images' is '-8')")]
    [InlineData("images", "99999999999", "('images' is '99999999999')")]
    public void ProvenanceThatIsNotWholeIsSaid(string key, string? value, string why) => MustRefuse(json =>
    {
        if (value is null) json["provenance"]!.AsObject().Remove(key);
        else json["provenance"]![key] = value;
    }, why);

    [Fact]
    public void AWinnerWithoutAScoreIsSaid() =>
        MustRefuse(
            json => json["winners"]![0]!["candidate"]!["scores"] = new JsonObject(),
            "a winner of the task 'classification', which has no score");

    [Fact]
    public void AWinnerOfNoBudgetIsSaid() => MustRefuse(json => json["winners"]![0]!["budget"] = "big", "'big' is not a budget");

    [Fact]
    public void AChangedCheckpointIsSaid()
    {
        var other = run.NewFolder();
        run.WriteCheckpoint(other, seed: 9);
        var folder = run.NewFolder();
        Assert.Equal(
            $"{other}: not the checkpoint that was searched (it has changed since); search again",
            Command.Refuse("emit", "--search", run.Result, "--checkpoint", other, "--out", folder));
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public void AMovedCheckpointCanBeGiven()
    {
        var (result, moved) = (Copy(), run.NewFolder());
        File.Copy(run.Checkpoint, moved);
        Edited.File(result, json => json["provenance"]!["checkpoint"] = "gone.safetensors");
        Assert.StartsWith("gone.safetensors: no such file", Command.Refuse("emit", "--search", result, "--out", run.NewFolder()));
        Command.Succeed("emit", "--search", result, "--checkpoint", moved, "--out", run.NewFolder());
    }

    [Fact]
    public void AFolderThatCannotBeMadeIsSaid()
    {
        var below = Path.Combine(run.Result, "models");
        Assert.StartsWith(
            $"{below}: cannot write there",
            Command.Refuse("emit", "--checkpoint", run.Run, "--arch", "Min", "--size", "32", "--out", below));
    }

    private void MustRefuse(Action<JsonNode> damage, string why)
    {
        var path = Copy();
        Edited.File(path, damage);
        Assert.Contains(why, Command.Refuse("emit", "--search", path, "--out", run.NewFolder()));
    }

    /// <summary>The search's result in a folder of its own.</summary>
    private string Copy()
    {
        var path = Path.Combine(Directory.CreateDirectory(run.NewFolder()).FullName, "search.json");
        File.Copy(run.Result, path);
        return path;
    }
}
