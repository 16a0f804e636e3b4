using System.Text.Json.Nodes;
using DataSsl.Search.Results;

namespace DataSsl.Cli.Tests.Verbs;

/// <summary>
/// A verdict's figures are those of <c>evaluate</c>, a stopped one goes on to the same, and what it cannot be about is refused before any
/// work.
/// </summary>
[Collection(nameof(ConsoleCollection))]
public sealed class VerdictTests(TrainedRun run)
{
    /// <summary>
    /// From the first table to one with the handcrafted network that the first tells how to train, in the folder of a search.
    /// </summary>
    [Fact]
    public void Its_figures_are_those_of_evaluations_and_it_grows_by_what_it_asks_for()
    {
        var (train, test) = run.LabelledSets();
        var folder = run.NewFolder();
        Directory.CreateDirectory(folder);
        File.Copy(run.Result, Path.Combine(folder, "search.json"));
        string[] asked =
        [
            .. Arguments(folder, "--seeds", "2", "--shares", "100%,20%", "--k", "5", "--epochs", "1", "--batch", "8", "--threads", "1"),
        ];
        var text = Command.Succeed(asked).Output;

        var verdict = VerdictReportJson.Read(Path.Combine(folder, "verdict.json"));
        Assert.Equal(["random", "given", "winner"], verdict.Rows.Select(r => r.Role));
        Assert.Equal(
            [("knn", 30), ("linear", 30), ("finetune@20%", 6), ("finetune@100%", 30)], verdict.Columns.Select(c => (c.Name, c.Labelled)));
        Assert.Equal(("finetune@100%", 2, 15), (verdict.By, verdict.Seeds, verdict.TestImages));
        Assert.Matches(@"(?m)^ +knn +linear +finetune@20% +finetune@100%$", text);
        Assert.Matches(@"(?m)^imagenet-resnet18( +\d+\.\d %){4}$", text);
        Assert.Contains($"\n{verdict.Sentence}\n", text);
        // The figures: of the winner and of random weights, each as evaluate measures it.
        var winner = verdict.Rows[^1];
        Assert.Equal((Spaces.Demo.Space.Parse("Min").ToString(), 32), (winner.Architecture, winner.Size));
        Assert.Equal(Accuracy("knn", "--k", "5", "--checkpoint", run.Run), winner.Figures[0].BySeed[0]);
        Assert.Equal(
            Accuracy("finetune", "--epochs", "1", "--batch", "8", "--seed", "1", "--labels", "20%", "--checkpoint", run.Run),
            winner.Figures[2].BySeed[1]);
        Assert.Equal(Accuracy("finetune", "--epochs", "1", "--batch", "8", "--checkpoint", run.Run), winner.Figures[3].BySeed[0]);
        Assert.Equal(
            Accuracy("finetune", "--epochs", "1", "--batch", "8", "--seed", "1", "--random", "--space", "Demo"),
            verdict.Rows[0].Figures[3].BySeed[1]);
        Assert.Equal(
            verdict.Rows[1].Figures[3].Accuracy + verdict.Rows[1].Figures[3].WinnerAhead!.Value.Value, winner.Figures[3].Accuracy, 1e-9);
        Assert.Equal(winner.Latency / verdict.Rows[1].Latency, verdict.Decision.Given.LatencyRatio, 1e-9);
        // What the class for inference weighs: four bytes for each number, of the norms the shifts alone.
        Assert.InRange(winner.WeightBytes, 3.8 * winner.Parameters, 4.2 * winner.Parameters);
        Assert.Contains(
            System.Text.Encodings.Web.JavaScriptEncoder.Default.Encode(verdict.Sentence),
            File.ReadAllText(Path.Combine(folder, "verdict.html")));
        Assert.Equal(verdict.Sentence, (string)ReportPage.Data(folder)["verdict"]!["sentence"]!);

        // The command that it prints trains what it lacks.
        var missing = verdict.LeftOut!;
        Assert.StartsWith(
            "no handcrafted network is given, so its row is left out; Middle is the nearest in cost: give --handcrafted ", missing);
        var command = missing[(missing.IndexOf(" after: datassl ", StringComparison.Ordinal) + " after: datassl ".Length)..].Split(' ');
        Assert.Contains("--arch Middle", string.Join(' ', command));
        var epochs = int.Parse(command[Array.IndexOf(command, "--epochs") + 1], System.Globalization.CultureInfo.InvariantCulture);
        // Three students of a supernet for one that is smaller than most.
        Assert.InRange(epochs, 2, 20);
        command[Array.IndexOf(command, "--epochs") + 1] = "1";
        Command.Succeed(command);
        var before = File.ReadAllLines(Path.Combine(folder, "verdict.jsonl"));
        var grown = Command.Succeed([.. asked, "--resume", "--handcrafted", $"{folder}-Middle", "--json"]).Json;
        var lines = File.ReadAllLines(Path.Combine(folder, "verdict.jsonl"));
        // What is known stays; the new network's seven figures and the times of all, which belong together, are added: neighbours are the
        // same for both seeds.
        Assert.Equal(before, lines[..before.Length]);
        Assert.Equal(before.Length + 7 + 1, lines.Length);
        Assert.Equal("Middle, trained by us", (string)grown["rows"]![2]!["name"]!);
        Assert.Null(grown["leftOut"]);
        Assert.Equal("Middle", (string)grown["decision"]!["handcrafted"]!["name"]!);
        // A stopped one goes on to the same.
        File.WriteAllText(Path.Combine(folder, "verdict.jsonl"), string.Join('\n', lines[..^4]) + "\n" + lines[^4][..30]);
        var resumed = Command.Succeed([.. asked, "--resume", "--handcrafted", $"{folder}-Middle:Middle", "--json"]).Json;
        Assert.Equal(Figures(grown), Figures(resumed));
        // Only the images say what was begun, and they have told of themselves by then.
        var other = Command.Run([.. asked, "--resume", "--calibration", "8"]);
        Assert.Equal(2, other.ExitCode);
        Assert.Contains("begun with another calibration", other.Error.TrimEnd('\n').Split('\n')[^1], StringComparison.Ordinal);
        File.AppendAllText(Path.Combine(folder, "verdict.jsonl"), lines[1] + "\n");
        Assert.Contains("or one that is there already", Command.Run([.. asked, "--resume"]).Error, StringComparison.Ordinal);

        double Accuracy(string method, params string[] more) =>
            (double)Command.Succeed(
                [
                    "evaluate", method, "--arch", "Min", "--data", train, "--test", test, "--size", "32", "--threads", "1", "--out",
                    run.NewFolder(), "--json",.. more,
                ]).Json["top1"]!["accuracy"]!;

        static string Figures(JsonObject of) => string.Concat(of["rows"]!.AsArray().Select(row => row!["figures"]!.ToJsonString()));
    }

    /// <summary>A winner as the product leaves it: in a folder of classes.</summary>
    [Fact]
    public void A_winner_may_be_an_emitted_class()
    {
        var (classes, folder) = (run.NewFolder(), run.NewFolder());
        Command.Succeed(
            "emit", "--checkpoint", run.Run, "--arch", "Min", "--name", "Best", "--images", "8", "--size", "32", "--forms", "class",
            "--out", classes);
        var verdict = Command.Succeed(
            Arguments(folder, "--winner", classes, "--weights", run.Run, "--methods", "knn", "--seeds", "1", "--json")).Json;
        Assert.Equal(Spaces.Demo.Space.Parse("Min").ToString(), (string)verdict["rows"]![2]!["architecture"]!);
        Assert.Equal(Spaces.Demo.Space.Max.ToString(), (string)verdict["rows"]![1]!["architecture"]!);
        Assert.Contains("--arch Middle --size 32", (string)verdict["leftOut"]!);
        Assert.Contains("goes with a run", Command.Refuse(Arguments(folder, "--winner", classes, "--arch", "Min")));
        foreach (var extension in new[] { ".cs", ".safetensors" })
            File.Copy(Path.Combine(classes, "Best" + extension), Path.Combine(classes, "Other" + extension));
        Assert.Contains("holds 2 classes; give one of them", Command.Refuse(Arguments(folder, "--winner", classes)));
    }

    /// <summary>
    /// The plan counts the figures that the verdict then measures, is of the time and disk that they take, and has the same refusals.
    /// </summary>
    [Fact]
    public void A_plan_tells_what_it_will_take()
    {
        var folder = run.NewFolder();
        string[] asked =
        [
            "--weights", run.Run, "--seeds", "2", "--shares", "100%,20%", "--k", "5", "--epochs", "8", "--batch", "8", "--threads", "1",
            "--json",
        ];
        // Where others use the machine too one probe in a few is far off.
        var plans = Enumerable.Range(0, 3).Select(_ => Command.Succeed(Planning(asked)).Json).ToList();
        var planned = plans[0];
        Assert.False(Directory.Exists(folder));
        var verdict = Command.Succeed(Arguments(folder, asked)).Json;
        // The first line says what they are of, the last is the networks' times.
        Assert.Equal(File.ReadAllLines(Path.Combine(folder, "verdict.jsonl")).Length - 2, (int)planned["figures"]!);
        var ratios = plans.Select(plan => (double)plan["seconds"]! / (double)verdict["elapsedSeconds"]!).ToList();
        Assert.True(ratios.Any(ratio => ratio is > 0.3 and < 3), string.Join(", ", ratios));
        var disk = Directory.GetFiles(folder, "verdict*").Sum(file => new FileInfo(file).Length);
        Assert.InRange((long)planned["diskBytes"]!, disk / 3, 3 * disk);
        Assert.True((long)planned["peakBytes"]! > 50_000_000);
        Assert.Contains("--seeds 0: give a whole number", Command.Refuse(Planning("--seeds", "0")));
        Assert.Contains("nowhere: no such file", Command.Refuse(Planning("--weights", "nowhere")));

        string[] Planning(params string[] more)
        {
            var words = Arguments(folder, more).ToList();
            words.RemoveRange(words.IndexOf("--out"), 2);
            return ["plan", .. words];
        }
    }

    [Theory]
    [InlineData("--winner is missing", "--winner", null)]
    [InlineData("nowhere: no such file", "--winner", "nowhere")]
    [InlineData("--arch is missing: ", "--arch", null)]
    [InlineData("--data is missing", "--data", null)]
    [InlineData("the image folder 'nowhere' does not exist", "--data", "nowhere")]
    [InlineData("nowhere: no such file", "--weights", "nowhere")]
    [InlineData("unknown space 'nowhere'", "--weights-space", "nowhere")]
    [InlineData("--shares 0%: give a share above 0 %", "--shares", "0%")]
    [InlineData("--methods fly: give of knn, linear, finetune", "--methods", "fly")]
    [InlineData("--by knn@10%: no figure of this verdict; give knn, linear, finetune@1%, finetune@10%, finetune@100%", "--by", "knn@10%")]
    [InlineData("--seeds 0: give a whole number from 1 to 1000", "--seeds", "0")]
    [InlineData("nowhere: no such file", "--handcrafted", "nowhere")]
    public void Bad_input_is_one_line_and_leaves_nothing(string start, string option, string? value)
    {
        var folder = run.NewFolder();
        var arguments = Arguments(folder).ToList();
        var at = arguments.IndexOf(option);
        if (at >= 0) arguments.RemoveRange(at, 2);
        if (value is not null) arguments.AddRange([option, value]);
        Assert.Contains(start, Command.Refuse([.. arguments]));
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public void What_a_verdict_cannot_be_about_is_refused()
    {
        var (train, test) = run.LabelledSets();
        var folder = run.NewFolder();
        Assert.Contains(
            "holds the weights of a resnet-basic, and the space is of resnet-bottleneck; give a space of resnet-basic",
            Command.Refuse(Arguments(folder, "--weights", "imagenet-resnet18", "--weights-space", "Demo")));
        Assert.Equal(
            $"--handcrafted {run.Run}:Min: the winner itself; give what you could take in its place",
            Command.Refuse(Arguments(folder, "--handcrafted", $"{run.Run}:Min")));
        Assert.Equal(
            $"--weights {run.Run}: the winner itself; give what you could take in its place",
            Command.Refuse(Arguments(folder, "--arch", "Max", "--weights", run.Run)));
        Assert.Contains(
            $"--handcrafted {run.Run}: a supernet of Demo; say which network of it, as {run.Run}:ARCH",
            Command.Refuse(Arguments(folder, "--handcrafted", run.Run)));
        var classes = Directory.GetDirectories(train).Order(StringComparer.Ordinal).ToList();
        Assert.Contains("has no classes", Command.Refuse(Arguments(folder, "--data", classes[0])));
        var one = run.NewFolder() + ".csv";
        File.WriteAllText(one, string.Concat(Directory.GetFiles(classes[0]).Select(file => $"{file},field\n")));
        Assert.Contains("holds one class; give images of two or more", Command.Refuse(Arguments(folder, "--data", one)));
        var empty = Directory.CreateDirectory(run.NewFolder()).FullName;
        Assert.Contains(empty, Command.Refuse(Arguments(folder, "--test", empty)));
        // One test image that was learnt from is one too many.
        var leaking = run.NewFolder();
        foreach (var label in Directory.GetDirectories(test)) Copy(label, Path.Combine(leaking, Path.GetFileName(label)));
        File.Copy(
            Directory.GetFiles(classes[1]).Order(StringComparer.Ordinal).First(),
            Path.Combine(leaking, Path.GetFileName(classes[1]), "again.png"));
        Assert.Matches(
            @"--test .*: 1 is a copy of images of --data, the first: '.*again.png' of '.*'; they were learnt from, so take them out",
            Command.Refuse(Arguments(folder, "--test", leaking)));
        Assert.False(Directory.Exists(folder));

        static void Copy(string from, string to)
        {
            Directory.CreateDirectory(to);
            foreach (var file in Directory.GetFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }

    /// <summary>Where no test set is given, a copy of an image that is learnt from is not tested on.</summary>
    [Fact]
    public void A_part_that_is_held_out_has_no_copies_of_the_rest()
    {
        var (train, _) = run.LabelledSets();
        var (twice, folder) = (run.NewFolder(), run.NewFolder());
        foreach (var label in Directory.GetDirectories(train))
        {
            var to = Directory.CreateDirectory(Path.Combine(twice, Path.GetFileName(label))).FullName;
            foreach (var file in Directory.GetFiles(label))
            {
                File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
                if (file.EndsWith("0.png", StringComparison.Ordinal)) continue;
                File.Copy(file, Path.Combine(to, "copy-" + Path.GetFileName(file)));
            }
        }
        List<string> arguments = [.. Arguments(folder, "--data", twice, "--weights", run.Run, "--methods", "knn", "--seeds", "1")];
        arguments.RemoveRange(arguments.IndexOf("--test"), 2);
        var verdict = Command.Run([.. arguments]);
        Assert.Contains("are copies of others: left out", verdict.Error);
        // Of 3 times 19 images 12 are held out; most are one of two.
        if (verdict.ExitCode == 0) Assert.InRange(VerdictReportJson.Read(Path.Combine(folder, "verdict.json")).TestImages, 1, 11);
        else Assert.Contains("all images held out for testing are copies of others", verdict.Error);
        // evaluate tests on the same, where it splits by itself.
        var evaluated = Command.Run(
            "evaluate", "knn", "--checkpoint", run.Run, "--arch", "Min", "--data", twice, "--size", "32", "--k", "1", "--threads", "1",
            "--out", run.NewFolder(), "--json");
        Assert.Contains("are copies of others: left out", evaluated.Error);
        Assert.Equal(verdict.ExitCode, evaluated.ExitCode);
    }

    private string[] Arguments(string folder, params string[] more)
    {
        var (train, test) = run.LabelledSets();
        (string Option, string Value)[] usual =
        [
            ("--winner", run.Run), ("--arch", "Min"), ("--data", train), ("--test", test), ("--size", "32"), ("--out", folder),
        ];
        return
        [
            "verdict",
            .. usual.Where(o => !more.Contains(o.Option) && !(o.Option == "--arch" && more.Contains("--winner")))
                .SelectMany(o => new[] { o.Option, o.Value }),
            .. more,
        ];
    }
}
