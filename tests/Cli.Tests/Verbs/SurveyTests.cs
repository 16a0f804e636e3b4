using System.Text.Json.Nodes;
using DataSsl.Cli.Survey;
using DataSsl.Runtime.Data;
using DataSsl.Search.Results;

namespace DataSsl.Cli.Tests.Verbs;

/// <summary>
/// A survey's figures are those of <c>train</c> and <c>evaluate</c>, a stopped one goes on to the same, and what is wrong with its lists is
/// refused before any work.
/// </summary>
[Collection(nameof(ConsoleCollection))]
public sealed class SurveyTests(TrainedRun run)
{
    private const string Small = "stem=8 stage1=4x1 stage2=8x1 stage3=16x1 stage4=32x1";
    private const string Basic = "stem=4 stage1=1 stage2=8x1 stage3=16x1 stage4=32x1";

    [Fact]
    public void Its_figures_are_those_of_training_and_evaluating_by_hand()
    {
        var (folder, pair) = (run.NewFolder(), TwoClasses());
        string[] measured =
            ["--methods", "linear,knn,finetune", "--knn-k", "5", "--finetune-epochs", "1", "--finetune-batch", "8"];
        var text = Command.Succeed(Arguments(folder, measured)).Output;

        var survey = SurveyReportJson.Read(Path.Combine(folder, "survey.json"));
        Assert.Equal(["linear", "knn", "finetune"], survey.Methods.Select(m => m.Method));
        Assert.Equal(["first", "SurveyBasic32 " + Basic], survey.Networks.Select(n => n.Name));
        Assert.Equal([("all", 3, 30, 15), ("two", 2, 10, 10)], survey.Scenarios.Select(s => (s.Name, s.Classes, s.Labelled, s.TestImages)));
        foreach (var (n, network) in survey.Networks.Index())
        {
            var alone = run.NewFolder();
            Command.Succeed(
                ["train", "--space", network.Space, "--arch", network.Architecture, "--out", alone, .. Training(run.Data)]);
            foreach (var method in survey.Methods)
            {
                Assert.Equal(Accuracy(method.Method, "100%", run.LabelledSets(), "--checkpoint", alone), method.Accuracies[0][n].Value);
                Assert.Equal(Accuracy(method.Method, "50%", pair, "--checkpoint", alone), method.Accuracies[1][n].Value);
            }
            // What is kept of a run is enough for the same figure again.
            Assert.Equal(
                survey.Methods[0].Accuracies[0][n].Value,
                Accuracy(
                    "linear", "100%", run.LabelledSets(), "--from", Path.Combine(folder, network.Weights!), "--space", network.Space,
                    "--arch", network.Architecture));
        }
        var costs = Command.Succeed("cost", "--space", "Small32", "--arch", Small, "--size", "32", "--json").Json;
        Assert.Equal(
            ((long)costs["macs"]!, (long)costs["parameters"]!), (survey.Networks[0].Macs, survey.Networks[0].Parameters));
        Assert.Equal(survey.Networks[0].Parameters, survey.Networks[0].Early + survey.Networks[0].Late);
        Assert.Contains($"\n{survey.Sentence}\n", text);
        Assert.Matches(@"(?m)^all, two +-?\d\.\d\d \(of too few\)|one does not vary", text);
        Assert.Contains(
            System.Text.Encodings.Web.JavaScriptEncoder.Default.Encode(survey.Sentence),
            File.ReadAllText(Path.Combine(folder, "survey.html")));
        // Runs go, weights stay.
        Assert.Equal(
            survey.Networks.Select(n => Path.Combine(folder, n.Weights!)).Order(),
            Directory.GetFileSystemEntries(Path.Combine(folder, "networks")).Order());

        double Accuracy(string method, string labels, (string Train, string Test) data, params string[] network) => (double)Command.Succeed(
            [
                "evaluate", method, "--data", data.Train, "--test", data.Test, "--labels", labels, "--size", "32", "--threads", "1",
                "--out", run.NewFolder(), "--json", .. Own(method), .. network,
            ]).Json["top1"]!["accuracy"]!;

        static string[] Own(string method) => method switch
        {
            "knn" => ["--k", "5"],
            "finetune" => ["--epochs", "1", "--batch", "8"],
            _ => [],
        };
    }

    [Fact]
    public void A_stopped_one_goes_on_to_the_same_and_grows_by_what_it_asks_for()
    {
        var (folder, again) = (run.NewFolder(), run.NewFolder());
        var whole = Command.Succeed([.. Arguments(folder), "--json"]).Json;
        var lines = File.ReadAllLines(Path.Combine(folder, SurveyFile.FileName));
        // Identity, two scenarios, then of each of two networks its training and two figures.
        Assert.Equal(1 + 2 + 2 * (1 + 2), lines.Length);
        // As a process leaves it that is killed as it measures the first network.
        Directory.CreateDirectory(Path.Combine(again, "networks"));
        var first = SurveyReportJson.Read(Path.Combine(folder, "survey.json")).Networks[0].Weights!;
        File.Copy(Path.Combine(folder, first), Path.Combine(again, first));
        File.WriteAllText(Path.Combine(again, SurveyFile.FileName), string.Join('\n', lines[..5]) + "\n" + lines[5][..40]);
        var resumed = Command.Succeed([.. Arguments(again), "--resume", "--json"]).Json;
        Assert.Equal(Figures(whole), Figures(resumed));
        Assert.Equal(
            lines.Select(WithoutTime), File.ReadAllLines(Path.Combine(again, SurveyFile.FileName)).Select(WithoutTime));

        // More methods: nothing is trained again.
        var grown = Command.Succeed([.. Arguments(folder, "--methods", "linear,knn"), "--resume", "--json"]).Json;
        Assert.Equal(Figures(whole, method: 0), Figures(grown, method: 0));
        Assert.Equal(lines, File.ReadAllLines(Path.Combine(folder, SurveyFile.FileName))[..lines.Length]);
        Assert.Equal(lines.Length + 4, File.ReadAllLines(Path.Combine(folder, SurveyFile.FileName)).Length);

        Assert.Contains("begun with another calibration", Last(Command.Run([.. Arguments(folder, "--calibration", "8"), "--resume"])));
        Assert.Contains("first was trained otherwise", Last(Command.Run([.. Arguments(folder, "--rate", "0.5"), "--resume"])));
        var weights = Path.Combine(folder, first);
        File.AppendAllText(weights, "x");
        Assert.Contains(
            "not the weights of first that were kept", Last(Command.Run([.. Arguments(folder, "--methods", "finetune"), "--resume"])));
        File.Delete(weights);
        Assert.Contains(
            "the weights of first are gone", Last(Command.Run([.. Arguments(folder, "--methods", "finetune"), "--resume"])));
        File.AppendAllText(Path.Combine(folder, SurveyFile.FileName), lines[4] + "\n");
        Assert.Contains("or one that is there already", Last(Command.Run([.. Arguments(folder), "--resume"])));

        static string WithoutTime(string line)
        {
            var json = JsonNode.Parse(line)!.AsObject();
            json.Remove("seconds");
            json.Remove("seal");
            return json.ToJsonString();
        }
    }

    /// <summary>A run's own checkpoint lets a training go on inside of a network.</summary>
    [Fact]
    public void Runs_are_kept_where_that_is_asked_for()
    {
        var folder = run.NewFolder();
        Command.Succeed(Arguments(folder, "--keep-runs"));
        var runs = Directory.GetDirectories(Path.Combine(folder, "networks"));
        Assert.Equal(2, runs.Length);
        Assert.All(runs, kept => Assert.Contains("nothing to train", Command.Succeed("train", "--resume", "--out", kept).Output));
    }

    [Fact]
    public void Slices_of_a_supernet_are_measured_without_training_and_set_beside_networks_alone()
    {
        var folder = run.NewFolder();
        var list = run.File("slices.txt");
        File.WriteAllText(list, "Demo Min\nDemo Middle\nDemo #1\nmost: Demo Max\n");
        var (train, test) = run.LabelledSets();
        string[] asked =
            ["survey", "--networks", list, "--scenarios", Scenarios(), "--from-supernet", run.Run, "--size", "32", "--threads", "1"];
        var slices = Command.Succeed([.. asked, "--methods", "knn", "--knn-k", "5", "--out", folder, "--json"]).Json;
        Assert.Equal(["Demo Min", "Demo Middle", "Demo #1", "most"], slices["networks"]!.AsArray().Select(n => (string)n!["name"]!));
        Assert.All(slices["networks"]!.AsArray(), n => Assert.Null(n!["weights"]));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(folder, "networks")));
        Assert.Null(slices["methods"]![0]!["slices"]);
        var evaluated = Command.Succeed(
            "evaluate", "knn", "--checkpoint", run.Run, "--arch", "Middle", "--data", train, "--test", test, "--size", "32", "--k", "5",
            "--threads", "1", "--out", run.NewFolder(), "--json").Json;
        Assert.Equal((double)evaluated["top1"]!["accuracy"]!, (double)slices["methods"]![0]!["accuracies"]![0]![1]!["value"]!);

        string[] both =
        [
            .. asked, "--methods", "knn", "--knn-k", "5", "--sample", "3",
            .. Training(run.Data).Except(["--size", "32", "--threads", "1"]),
        ];
        var survey = Command.Succeed([.. both, "--out", folder, "--json"]).Json;
        var comparison = survey["methods"]![0]!["slices"]!.AsArray();
        Assert.Equal(2, comparison.Count);
        var places = comparison[0]!["networks"]!.AsArray().Select(n => (int)n!).ToList();
        Assert.Equal((3, 3), (places.Distinct().Count(), comparison[1]!["alone"]!.AsArray().Count));
        Assert.Equal(3, Directory.GetFiles(Path.Combine(folder, "networks")).Length);
        // Those that are trained alone are in no other figure.
        Assert.Equal(
            slices["methods"]![0]!["accuracies"]!.ToJsonString(), survey["methods"]![0]!["accuracies"]!.ToJsonString());
        Assert.Contains("--epochs is of a training", Command.Refuse([.. asked, "--epochs", "1", "--out", run.NewFolder()]));
        Assert.Contains(
            "lists 4; give that or less",
            Command.Refuse([.. both.Select(word => word == "3" ? "5" : word), "--out", run.NewFolder()]));
        Assert.Contains(
            "line 2: Small32: --from-supernet is of Demo",
            Command.Refuse([.. asked[..1], "--networks", Networks(), .. asked[3..], "--out", run.NewFolder()]));
    }

    [Fact]
    public void Boxes_are_images_of_their_classes()
    {
        var voc = run.NewFolder();
        foreach (var (set, count) in new[] { ("train", 6), ("test", 3) })
        {
            var names = Enumerable.Range(0, count).Select(i => $"{set}{i}").ToList();
            foreach (var (index, name) in names.Index())
            {
                Directory.CreateDirectory(Path.Combine(voc, "JPEGImages"));
                Directory.CreateDirectory(Path.Combine(voc, "Annotations"));
                Directory.CreateDirectory(Path.Combine(voc, "ImageSets/Main"));
                var rgb = new byte[3 * 40 * 30];
                // Dark on the left and bright on the right, and no two alike.
                for (var i = 0; i < rgb.Length; i++) rgb[i] = (byte)(i / 3 % 40 < 20 ? 40 + 3 * index + count : 250 - index);
                ImageFile.Save(Path.Combine(voc, "JPEGImages", $"{name}.png"), new(40, 30, rgb));
                File.WriteAllText(
                    Path.Combine(voc, "Annotations", $"{name}.xml"),
                    $"<annotation>{Object("dark", 1, 18)}{Object("light", 23, 40)}</annotation>");
            }
            File.WriteAllText(Path.Combine(voc, "ImageSets/Main", $"{set}.txt"), string.Join('\n', names) + "\n");
        }
        var scenarios = run.File("boxes.txt");
        File.WriteAllText(scenarios, $"boxes {voc}/ImageSets/Main/train.txt {voc}/ImageSets/Main/test.txt cut=boxes size=32\n");
        var list = run.File("one.txt");
        File.WriteAllText(list, $"Small32 {Small}\n");
        var survey = Command.Succeed(
            [
                "survey", "--networks", list, "--scenarios", scenarios, "--methods", "knn", "--knn-k", "3", "--out", run.NewFolder(),
                "--json", .. Training(run.Data),
            ]).Json;
        var facts = survey["scenarios"]![0]!;
        Assert.Equal((2, 12, 6), ((int)facts["classes"]!, (int)facts["trainingImages"]!, (int)facts["testImages"]!));
        Assert.Equal(1, (double)survey["methods"]![0]!["accuracies"]![0]![0]!["value"]!);
        Assert.StartsWith("One scenario alone says nothing of others", (string)survey["sentence"]!);

        static string Object(string name, int left, int right) =>
            $"<object><name>{name}</name><bndbox><xmin>{left}</xmin><ymin>3</ymin><xmax>{right}</xmax><ymax>28</ymax></bndbox></object>";
    }

    [Theory]
    [InlineData("Small32\n", "line 1: 'Small32': give a space and an architecture of it")]
    [InlineData("# none\n", "names no network")]
    [InlineData("Nowhere Max\n", "line 1: unknown space 'Nowhere'")]
    [InlineData("Small32 Max\n\nSmall32 huge\n", "line 3: 'huge' is not an architecture of Small32")]
    [InlineData("a: Small32 Max\na: Small32 Min\n", "line 2: 'a' is there already in line 1, by its name")]
    [
        InlineData(
            "a: Small32 Max\nb: Small32 stem=16 stage1=8x1 stage2=16x2 stage3=32x2 stage4=64x2\n",
            "line 2: 'b' is there already in line 1, by the same architecture"),
    ]
    public void Lists_of_networks_are_refused_with_their_line(string list, string why)
    {
        var (path, folder) = (run.File("refused-networks.txt"), run.NewFolder());
        File.WriteAllText(path, list);
        Assert.Contains(
            why,
            Command.Refuse(
                "survey", "--networks", path, "--scenarios", Scenarios(), "--data", run.Data, "--batch", "4", "--out", folder));
        Assert.False(Directory.Exists(folder));
    }

    [Theory]
    [InlineData("a\n", "line 1: 'a': give a name, the path of labelled images")]
    [InlineData("a b c d\n", "line 1: 'a b c d': give a name")]
    [InlineData("a b\na c\n", "line 2: 'a' is there twice")]
    [InlineData("a b labels=200%\n", "line 1: labels 200%: give a share above 0 %")]
    [InlineData("a b size=0\n", "line 1: size 0: give a whole number")]
    [InlineData("a b size=4\n", "line 1: size 4 is too small for Small32")]
    [InlineData("a b classes=one\n", "classes=one: give two or more")]
    [InlineData("a b crop=boxes\n", "'crop=boxes' is no setting; there are labels=10%")]
    [InlineData("a labels=10% b\n", "line 1: 'a labels=10% b': give a name")]
    [InlineData("a b labels=10% c\n", "'c': paths come before settings")]
    [InlineData("a \"b\n", "line 1: a quote is not closed")]
    [InlineData("", "names no scenario")]
    [InlineData("a nowhere\n", "line 1: ")]
    public void Lists_of_scenarios_are_refused_with_their_line(string list, string why)
    {
        var (path, folder) = (run.File("refused-scenarios.txt"), run.NewFolder());
        File.WriteAllText(path, list);
        Assert.Contains(
            why,
            Command.Refuse(
                "survey", "--networks", Networks(), "--scenarios", path, "--data", run.Data, "--batch", "4", "--out", folder));
        Assert.False(Directory.Exists(folder));
    }

    [Theory]
    [InlineData("--sample goes with --from-supernet", "--sample", "3")]
    [InlineData("--methods knnn: give of knn, linear, finetune", "--methods", "knnn")]
    [InlineData("--knn-k goes with --methods knn", "--knn-k", "5")]
    [InlineData("images; give 16 or less", "--batch", "5000")]
    public void Options_are_refused(string why, params string[] more)
    {
        var folder = run.NewFolder();
        Assert.Contains(
            why,
            Command.Refuse(
                [
                    "survey", "--networks", Networks(), "--scenarios", Scenarios(), "--data", run.Data, "--size", "32", "--out", folder,
                    .. more,
                ]));
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public void A_recipe_of_a_supernet_is_one_for_many()
    {
        var recipe = run.File("survey.recipe.yaml");
        File.WriteAllText(
            recipe,
            "recipe: mine\nnetwork: { space: Small32, max-first: 0.5 }\nobjective: byol\nschedule: { epochs: 1, batch: 8 }\n");
        var folder = run.NewFolder();
        Command.Succeed(
            "survey", "--networks", Networks(), "--scenarios", Scenarios(), "--recipe", recipe, "--data", run.Data, "--size", "32",
            "--threads", "1", "--methods", "knn", "--keep-runs", "--out", folder);
        var options = Directory.GetDirectories(Path.Combine(folder, "networks"))
            .Select(kept => File.ReadAllText(Path.Combine(kept, "run.recipe.yaml"))).ToList();
        Assert.Equal(2, options.Count);
        Assert.All(options, text => Assert.Contains("objective:\n  name: byol\n", text));
    }

    /// <summary>The plan counts what the survey then measures, and leaves nothing.</summary>
    [Fact]
    public void A_plan_tells_what_it_will_take()
    {
        var folder = run.NewFolder();
        string[] asked = [.. Arguments(folder, "--methods", "linear,knn")];
        var words = asked.ToList();
        words.RemoveRange(words.IndexOf("--out"), 2);
        var plan = Command.Succeed(["plan", .. words, "--probe", "0.2", "--json"]).Json;
        Assert.False(Directory.Exists(folder));
        Assert.Equal((2, 2, 8), ((int)plan["networks"]!, (int)plan["tried"]!, (int)plan["figures"]!));
        Assert.True((double)plan["trainingSeconds"]! > 0 && (double)plan["measuringSeconds"]! > 0);
        Command.Succeed(asked);
        var disk = Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => !file.EndsWith(".html", StringComparison.Ordinal))
            .Sum(file => new FileInfo(file).Length);
        // While a network is trained its checkpoint is there too.
        Assert.InRange((long)plan["diskBytes"]!, disk / 3, 100 * disk);
        Assert.Contains("time", Command.Succeed(["plan", .. words, "--probe", "0"]).Output);
    }

    [Fact]
    public void Times_of_others_lie_on_the_line_between_those_that_were_tried()
    {
        (double, double)[] known = [(10, 1), (20, 3), (40, 4)];
        Assert.Equal([1, 2, 3, 3.5, 4, 5], new double[] { 10, 15, 20, 30, 40, 60 }.Select(macs => SurveyPlanner.At(macs, known)));
        Assert.Equal(6, SurveyPlanner.At(30, [(10, 2)]));
        Assert.Equal(0, SurveyPlanner.At(1, known));
    }

    private string[] Arguments(string folder, params string[] more) =>
    [
        "survey", "--networks", Networks(), "--scenarios", Scenarios(), "--out", folder, .. Training(run.Data), .. more,
    ];

    private static string[] Training(string data) =>
        ["--data", data, "--size", "32", "--batch", "8", "--epochs", "2", "--hidden", "16", "--compute", "float32", "--threads", "1"];

    private string Networks()
    {
        File.WriteAllText(run.File("networks.txt"), $"# two\nfirst: Small32 {Small}\nSurveyBasic32 {Basic} # another\n");
        return run.File("networks.txt");
    }

    /// <summary>All three painted classes, and two of them with half of the labels; the second by a path from the file's folder.</summary>
    private string Scenarios()
    {
        var (train, test) = run.LabelledSets();
        var names = Directory.GetDirectories(train).Select(Path.GetFileName).Order(StringComparer.Ordinal).Take(2);
        File.WriteAllText(
            run.File("scenarios.txt"),
            $"all \"{train}\" {test}\ntwo {Path.GetFileName(train)} {Path.GetFileName(test)} labels=50% classes={string.Join(',', names)}\n");
        return run.File("scenarios.txt");
    }

    /// <summary>The second scenario's images by themselves.</summary>
    private (string Train, string Test) TwoClasses()
    {
        var sets = new[] { run.LabelledSets().Train, run.LabelledSets().Test }.Select(set =>
        {
            var copy = run.NewFolder();
            foreach (var folder in Directory.GetDirectories(set).Order(StringComparer.Ordinal).Take(2))
                foreach (var file in Directory.GetFiles(folder))
                {
                    var path = Path.Combine(copy, Path.GetFileName(folder), Path.GetFileName(file));
                    Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                    File.Copy(file, path);
                }
            return copy;
        }).ToList();
        return (sets[0], sets[1]);
    }

    private static string Figures(JsonObject of, int? method = null) =>
        (method is { } one ? of["methods"]![one]! : of["methods"]!).ToJsonString() + (string)of["sentence"]!;

    private static string Last(Command command)
    {
        Assert.Equal(2, command.ExitCode);
        return command.Error.TrimEnd('\n').Split('\n')[^1];
    }
}
