using DataSsl.Runtime.Data;

namespace DataSsl.Cli.Tests.Verbs;

[Collection(nameof(ConsoleCollection))]
public sealed class SearchTests(TrainedRun run)
{
    [Fact]
    public void WritesItsResultAndAReportThatSaysHowToRepeatIt()
    {
        var command = (string)ReportPage.Data(run.SearchFolder)["command"]!;
        Assert.Equal(
            $"datassl search --checkpoint {run.Checkpoint} --data {run.Data} --tasks classification,segmentation --budgets '2-3M,params<=300K' "
            + $"--strategy random --candidates 3 --images 8 --size 32 --seed 0 --out {run.SearchFolder}", command);
        var again = run.NewFolder();
        Command.Succeed([.. command.Replace("'", "").Replace(run.SearchFolder, again).Split(' ').Skip(1)]);
        Assert.Equal(Scores(run.Result), Scores(Path.Combine(again, "search.json")));

        static string Scores(string path) => System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(path))!["candidates"]!.ToJsonString();
    }

    [Fact]
    public void PrintsATableOrOneObject()
    {
        string[] arguments =
        [
            "search", "--checkpoint", run.Run, "--data", run.Data, "--budgets", "2-3M", "--images", "4", "--size", "32", "--candidates",
            "2",
        ];
        var text = Command.Succeed([.. arguments, "--out", run.NewFolder()]).Output;
        Assert.Matches(@"\Atask +budget +of +MMACs +M params +score +architecture\nclassification +2-3M +2 ", text);
        Assert.Contains("next:   datassl emit --search ", text);
        var json = Command.Succeed([.. arguments, "--out", run.NewFolder(), "--json"]).Json;
        Assert.Equal(2, json["candidates"]!.AsArray().Count);
    }

    /// <summary>No interval of width 0, and no ranking by what is the same for all.</summary>
    [Fact]
    public void OneImageOrPositionSaysLittle()
    {
        string[] arguments = ["search", "--checkpoint", run.Run, "--data", run.Data, "--budgets", "all", "--candidates", "2"];
        var folder = run.NewFolder();
        var text = Command.Succeed([.. arguments, "--size", "64", "--images", "1", "--out", folder]).Output;
        Assert.Contains("one image says nothing of others: no intervals", text);
        Assert.DoesNotContain("95 %", text);
        Assert.Null(
            System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "search.json")))!["winners"]![0]!["confidence"]);
        Assert.Null(ReportPage.Data(folder)["winners"]![0]!["confidence"]);
        Command.Succeed("emit", "--search", folder, "--forms", "class", "--out", run.NewFolder());
        var vain = run.NewFolder();
        Late("one value a channel at C5", "--size", "32", "--images", "1");
        Assert.Contains(
            "one alone", Command.Refuse([.. arguments, "--size", "64", "--images", "1", "--tasks", "mine=z:relation", "--out", vain]));
        Assert.False(Directory.Exists(vain));
        Late("C5, which has one alone at 32 px", "--size", "32", "--images", "2", "--tasks", "detection-c4");

        // The images have been read by then, and are told of.
        void Late(string word, params string[] more)
        {
            var refused = Command.Run([.. arguments, .. more, "--out", run.NewFolder()]);
            Assert.Equal((2, ""), (refused.ExitCode, refused.Output));
            Assert.Contains(word, Assert.Single(refused.Error.Split('\n'), line => line.StartsWith("datassl: ", StringComparison.Ordinal)));
        }
    }

    /// <summary>
    /// Copies say nothing new: a folder in which each image stands four times gives the result, intervals included, of one in which it
    /// stands once.
    /// </summary>
    [Fact]
    public void CopiesOfImagesCountOnce()
    {
        var (once, often, alone) = (run.NewFolder(), run.NewFolder(), run.NewFolder());
        foreach (var folder in new[] { once, often, alone }) Directory.CreateDirectory(folder);
        foreach (var (i, file) in
            Directory.GetFiles(run.Data, "*.png", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Take(8).Index())
            foreach (var copy in Enumerable.Range(0, 4))
            {
                if (copy == 0) File.Copy(file, Path.Combine(once, $"{i}.png"));
                File.Copy(file, Path.Combine(often, $"{i}-{copy}.png"));
                if (i == 0) File.Copy(file, Path.Combine(alone, $"{copy}.png"));
            }
        string[] asked = ["search", "--checkpoint", run.Run, "--budgets", "all", "--candidates", "4", "--size", "32", "--json"];
        var (one, many) = (Command.Succeed([.. asked, "--data", once, "--out", run.NewFolder()]),
            Command.Succeed([.. asked, "--data", often, "--out", run.NewFolder()]));
        Assert.Contains(
            $"{often}: 24 are copies of others in it, the first: '0-1.png' of '0-0.png'; left out, so that each image counts once\n",
            many.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("cop", one.Error, StringComparison.Ordinal);
        foreach (var part in new[] { "candidates", "winners" })
            Assert.Equal(one.Json[part]!.ToJsonString(), many.Json[part]!.ToJsonString());
        Assert.Equal("8", (string)many.Json["provenance"]!["images"]!);
        Assert.EndsWith(
            $"--compare-domain {once}: holds the images of --data; give others\n",
            Command.Run([.. asked, "--data", once, "--compare-domain", once, "--out", run.NewFolder()]).Error);
        // No relations of an image to its copies.
        var vain = run.NewFolder();
        Assert.Contains(
            "relates images to one another, and there is one alone",
            Command.Refuse([.. asked, "--tasks", "mine=z:relation", "--data", alone, "--out", vain]));
        Assert.False(Directory.Exists(vain));
    }

    [Fact]
    public void AListIsRankedAsItIsAndAgainFromItsOwnCommand()
    {
        var list = run.NewFolder();
        File.WriteAllText(list, "# mine\nMiddle\n#100 # an index\nMin\n");
        var folder = run.NewFolder();
        string[] arguments = ["--checkpoint", run.Run, "--data", run.Data, "--images", "4", "--size", "32", "--list", list];
        var json = Command.Succeed(["search", .. arguments, "--out", folder, "--json"]).Json;
        var names = json["candidates"]!.AsArray().Select(c => (string)c!["architecture"]!).ToHashSet();
        Assert.Equal(new[] { "Middle", "#100", "Min" }.Select(n => Spaces.Demo.Space.Parse(n).ToString()).ToHashSet(), names);
        Assert.Equal(("all", 3), ((string)json["winners"]![0]!["budget"]!, (int)json["winners"]![0]!["members"]!));
        var page = ReportPage.Data(folder);
        Assert.Contains($" --budgets all --list {list} ", (string)page["command"]!);
        // Once more, on from what is there: nothing is scored anew.
        var resumed = Command.Succeed(["search", .. arguments, "--budgets", "all", "--out", folder, "--resume", "--json"]).Json;
        Assert.Equal(json["candidates"]!.ToJsonString(), resumed["candidates"]!.ToJsonString());
        Assert.Equal(4, File.ReadLines(Path.Combine(folder, "search.jsonl")).Count());
        // Beside budgets, those within; and the winner can be emitted.
        var cheap = Command.Succeed(
            [
                "search",.. arguments, "--budgets", $"<={Spaces.Demo.Space.Macs(Spaces.Demo.Space.Min, 32) / 1000 + 1}K", "--out",
                run.NewFolder(), "--json",
            ]).Json;
        Assert.Equal(1, (int)cheap["winners"]![0]!["members"]!);
        Command.Succeed("emit", "--search", folder, "--out", run.NewFolder());
        Assert.Equal(
            3, (int)Command.Succeed(["plan", "search", .. arguments, "--probe", "0.1", "--json"]).Json["strategies"]![0]!["candidates"]!);
    }

    [Fact]
    public void CostsMayBeThoseOfLargerImages()
    {
        var folder = run.NewFolder();
        string[] arguments = ["search", "--checkpoint", run.Run, "--data", run.Data, "--images", "4", "--size", "32"];
        var small = Command.Succeed([.. arguments, "--budgets", "2-2.1M", "--out", run.NewFolder(), "--json"]).Json;
        var json = Command.Succeed([.. arguments, "--budgets", "8-8.4M", "--cost-size", "64", "--out", folder, "--json"]).Json;
        // Four times the pixels, four times the MACs: the same ones are within, and score the same.
        Assert.Equal((32, 64), ((int)json["size"]!, (int)json["costSize"]!));
        Assert.Equal(small["candidates"]!.AsArray().Count, json["candidates"]!.AsArray().Count);
        foreach (var (a, b) in small["candidates"]!.AsArray().Zip(json["candidates"]!.AsArray()))
        {
            Assert.Equal(
                ((string)a!["architecture"]!, a["scores"]!.ToJsonString()), ((string)b!["architecture"]!, b["scores"]!.ToJsonString()));
            Assert.Equal(Spaces.Demo.Space.Macs(Spaces.Demo.Space.Parse((string)b["architecture"]!), 64), (long)b["macs"]!);
        }
        Assert.Contains(" --size 32 --seed 0 --cost-size 64 ", (string)ReportPage.Data(folder)["command"]!);
        Assert.Equal((32, 64), ((int)ReportPage.Data(folder)["size"]!, (int)ReportPage.Data(folder)["deployedSize"]!));
        Command.Succeed("emit", "--search", folder, "--forms", "class", "--out", Path.Combine(folder, "winners"));
        Assert.Contains("MACs at 64 pixels", File.ReadAllText(Directory.GetFiles(Path.Combine(folder, "winners"), "Demo_*.cs").Single()));
        Assert.StartsWith(
            "--cost-size", Command.Refuse([.. arguments, "--budgets", "8-8.4M", "--cost-size", "1", "--out", run.NewFolder()]));
    }

    /// <summary>Images that differ in their outermost pixels alone: their middle is the same, and they are not.</summary>
    [Fact]
    public void TheWholeImageIsComparedWhereItIsAskedFor()
    {
        const int side = 128;
        var (black, white) = (Bordered(0), Bordered(255));
        Assert.Equal(Scores(black, "center"), Scores(white, "center"));
        Assert.NotEqual(Scores(black, "whole"), Scores(white, "whole"));
        var folder = run.NewFolder();
        var json = Search(black, "whole", folder);
        Assert.Contains(" --crop whole ", (string)json["provenance"]!["command"]!);
        Assert.Contains(
            "begun with another crop (Whole, now none)",
            Command.Run([.. Arguments(black, "center"), "--out", folder, "--resume"]).Error, StringComparison.Ordinal);
        Assert.Equal(Scores(json), Scores(Search(black, "whole", folder, "--resume")));

        string[] Arguments(string data, string crop) =>
        [
            "search", "--checkpoint", run.Run, "--data", data, "--budgets", "all", "--candidates", "2", "--size", "64", "--crop", crop,
        ];

        System.Text.Json.Nodes.JsonObject Search(string data, string crop, string @out, params string[] more) =>
            Command.Succeed([.. Arguments(data, crop), "--json", "--out", @out, .. more]).Json;

        string Scores(object of, string? crop = null) =>
            (of as System.Text.Json.Nodes.JsonObject ?? Search((string)of, crop!, run.NewFolder()))["candidates"]!.ToJsonString();

        string Bordered(byte border)
        {
            var folder = Directory.CreateDirectory(run.NewFolder()).FullName;
            for (var i = 0; i < 4; i++)
            {
                var rgb = new byte[3 * side * side];
                for (var at = 0; at < rgb.Length; at++)
                {
                    var (x, y) = (at / 3 % side, at / 3 / side);
                    rgb[at] = x == 0 || y == 0 || x == side - 1 || y == side - 1 ? border : (byte)((x * (i + 1)) ^ (y * 3));
                }
                ImageFile.Save(Path.Combine(folder, $"{i}.png"), new(side, side, rgb));
            }
            return folder;
        }
    }

    [Fact]
    public void EvolutionSaysHowToRepeatItAndDoesSo()
    {
        string[] arguments =
        [
            "search", "--checkpoint", run.Run, "--data", run.Data, "--budgets", "2-3M,params<=300K", "--images", "4", "--size", "32",
            "--strategy", "evolution", "--candidates", "12", "--json", "--out",
        ];
        var (first, second) = (run.NewFolder(), run.NewFolder());
        var json = Command.Succeed([.. arguments, first]).Json;
        Assert.Contains(" --strategy evolution --candidates 12 ", (string)ReportPage.Data(first)["command"]!);
        Assert.Equal(json["candidates"]!.ToJsonString(), Command.Succeed([.. arguments, second]).Json["candidates"]!.ToJsonString());
        // A search may go on by another strategy: scores do not depend on it.
        var lines = File.ReadAllLines(Path.Combine(first, "search.jsonl"));
        var random = Command.Succeed([.. arguments.Select(a => a == "evolution" ? "random" : a), first, "--resume"]).Json;
        Assert.Equal(lines, File.ReadAllLines(Path.Combine(first, "search.jsonl"))[..lines.Length]);
        Assert.All(random["winners"]!.AsArray(), w => Assert.Equal(12, (int)w!["members"]!));
    }

    [Fact]
    public void ALatencyBudgetIsOfThisDeviceAndKeptForAResume()
    {
        var folder = run.NewFolder();
        string[] arguments =
        [
            "search", "--checkpoint", run.Run, "--data", run.Data, "--budgets", "latency<=60000ms and 2-2.1M", "--images", "4", "--size",
            "32", "--out", folder,
        ];
        Assert.Matches(
            @"latency: [\d.]+ ms timed whole, [\d.]+ ms foretold \([+-]\d+ %\)[\s\S]*off by \d+ % on average",
            Command.Succeed(arguments).Output);
        var (result, times) = (Result(), File.ReadAllText(Path.Combine(folder, "latency.json")));
        Assert.Equal("2-2.1M and latency<=60000ms", (string)result["winners"]![0]!["budget"]!);
        Assert.All(result["candidates"]!.AsArray(), c => Assert.InRange((double)c!["latency"]!, 1e-6, 60));
        var latencies = result["latencies"]!.AsArray();
        Assert.Contains((string)result["winners"]![0]!["candidate"]!["architecture"]!, latencies.Select(l => (string)l!["architecture"]!));
        Assert.Contains("Latency", ReportPage.Data(folder)["measures"]!.AsArray().Select(m => (string)m!["name"]!));
        Command.Succeed([.. arguments, "--resume"]);
        Assert.Equal(times, File.ReadAllText(Path.Combine(folder, "latency.json")));
        Assert.Equal(result.ToJsonString(), Result().ToJsonString());

        System.Text.Json.Nodes.JsonObject Result()
        {
            var json = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "search.json")))!.AsObject();
            Assert.True(json.Remove("elapsedSeconds") && json.Remove("seal"));
            return json;
        }
    }

    /// <summary>
    /// A form of its own has times of its own: neither is gone on with for the other, and one search is not of both.
    /// </summary>
    [Fact]
    public void ALatencyBudgetNamesTheFormThatItIsOf()
    {
        var folder = run.NewFolder();
        string[] With(string budgets, params string[] more) =>
        [
            "search", "--checkpoint", run.Run, "--data", run.Data, "--budgets", budgets, "--images", "4", "--size", "32", "--out", folder,
            .. more,
        ];
        Assert.Contains("latency@csharp-int8<=60000ms", Command.Succeed(With("latency@int8<=60000ms and 2-2.1M")).Output);
        var page = ReportPage.Data(folder);
        Assert.Contains("Latency", page["measures"]!.AsArray().Select(m => (string)m!["name"]!));
        Assert.Contains("shapes timed as csharp-int8 on ", page.ToJsonString());
        Assert.Contains(
            "begun with another form (csharp-int8, now csharp)", Command.Refuse(With("latency@csharp<=60000ms and 2-2.1M", "--resume")));
        Assert.Contains(
            "a search times one form of its candidates, and these name folded and csharp",
            Command.Refuse(With("latency<=60000ms,latency@csharp<=60000ms")));
    }

    [Fact]
    public void ThePlanTellsOfEveryStrategyThatFits()
    {
        string[] arguments =
        [
            "plan", "search", "--checkpoint", run.Run, "--data", run.Data, "--budgets", "all", "--images", "4", "--size", "32", "--probe",
            "0.1",
        ];
        var json = Command.Succeed([.. arguments, "--json"]).Json;
        var plans = json["strategies"]!.AsArray();
        Assert.Equal(
            [
                    "exhaustive", "evolution 1,000 a budget", "random 1,000 a budget", "evolution 100 a budget", "random 100 a budget",
                    "random 10 a budget",
            ],
                plans.Select(p => (string)p!["name"]!));
        Assert.Equal(Spaces.Demo.Space.Count, (long)plans[0]!["candidates"]!);
        Assert.Equal([1000, 1000, 100, 100, 10], plans.Skip(1).Select(p => (int)p!["candidates"]!));
        Assert.All(plans, p => Assert.True((long)p!["macsPerImage"]! <= (long)p["oneByOneMacsPerImage"]!));
        Assert.Equal("exhaustive", (string)json["picked"]!);
        var hurried = Command.Succeed([.. arguments, "--within", "0.0000001"]).Output;
        Assert.Contains(
            $"next:   datassl search --checkpoint {run.Checkpoint} --data {run.Data} --tasks classification --budgets all --strategy random --candidates 10 --images 4 --size 32 --seed 0 --out FOLDER\n",
            hurried);
    }

    [Fact]
    public void ABadListIsSaidWithItsLine()
    {
        var (list, folder) = (run.NewFolder(), run.NewFolder());
        File.WriteAllText(list, "Min\nnonsense\n");
        string[] arguments = ["search", "--checkpoint", run.Run, "--data", run.Data, "--size", "32", "--out", folder];
        Assert.StartsWith($"{list}, line 2: 'nonsense' is not an architecture of Demo", Command.Refuse([.. arguments, "--list", list]));
        Assert.StartsWith(
            $"--list {list} names the candidates, and --strategy and --candidates choose them",
            Command.Refuse([.. arguments, "--list", list, "--candidates", "3"]));
        Assert.StartsWith("nowhere: no such file", Command.Refuse([.. arguments, "--list", "nowhere"]));
        Assert.False(Directory.Exists(folder));
    }

    [Theory]
    [InlineData("--data is missing", "--data", null)]
    [InlineData("the image folder 'nowhere' does not exist", "--data", "nowhere")]
    [InlineData("nowhere: no such file", "--checkpoint", "nowhere")]
    [InlineData("unknown task 'depth'; known are classification, ", "--tasks", "depth")]
    [InlineData("--tasks names none", "--tasks", ",")]
    [InlineData("'3' is not a budget: give a MACs group such as 3-4G", "--budgets", "2-3M,3")]
    [InlineData("'3-2M' is an empty budget", "--budgets", "3-2M")]
    [InlineData("--budgets is given nothing", "--budgets", "")]
    [InlineData("--budgets names none", "--budgets", ",")]
    [InlineData("--budgets is missing", "--budgets", null)]
    [InlineData("no architecture of Demo at 32 pixels is within the budget 8-9G; nearest costs: ", "--budgets", "8-9G")]
    [InlineData("--strategy fly: give exhaustive, random or evolution", "--strategy", "fly")]
    [InlineData("--candidates 0: give all, or a whole number from 1 to 10000000", "--candidates", "0")]
    [InlineData("--candidates -3: give all, or a whole number from 1 to 10000000", "--candidates", "-3")]
    [InlineData("--images 0: give a whole number from 1 to 1000000", "--images", "0")]
    [InlineData("--images -1: give a whole number from 1 to 1000000", "--images", "-1")]
    [InlineData("--size 7 is too small for Demo", "--size", "7")]
    [InlineData("--threads 0: give a whole number from 1 to 1024", "--threads", "0")]
    [InlineData("--device tpu: give auto, cpu, cuda or cuda:N", "--device", "tpu")]
    public void BadInputIsOneLineAndLeavesNothing(string start, string option, string? value)
    {
        var folder = run.NewFolder();
        var arguments = new Dictionary<string, string?>
        {
            ["--checkpoint"] = run.Run,
            ["--data"] = run.Data,
            ["--budgets"] = "2-3M",
            ["--images"] = "4",
            ["--size"] = "32",
            ["--out"] = folder,
            [option] = value,
        };
        Assert.StartsWith(
            start, Command.Refuse(["search", .. arguments.Where(a => a.Value is not null).SelectMany(a => new[] { a.Key, a.Value! })]));
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public void AnEmptyImageFolderIsSaid()
    {
        var empty = Directory.CreateDirectory(run.NewFolder()).FullName;
        Assert.Equal(
            $"the image folder '{empty}' holds no image (.jpg .jpeg .jpe .jfif .jfi .jif .pjpeg .pjp .png .apng .webp .tif .tiff .bmp .dib .gif), at any depth",
            Command.Refuse(
                "search", "--checkpoint", run.Run, "--data", empty, "--budgets", "2-3M", "--size", "32", "--out", run.NewFolder()));
    }

    [Fact]
    public void AFolderThatCannotBeMadeIsSaid()
    {
        var below = Path.Combine(run.Result, "results");
        var error = Command.Refuse(
            "search", "--checkpoint", run.Run, "--data", run.Data, "--budgets", "2-3M", "--size", "32", "--out", below);
        Assert.StartsWith($"{below}: cannot write there", error);
    }

    [Theory]
    [InlineData("")]
    [InlineData("garbage that is longer than eight bytes")]
    [InlineData("\u0002\0\0\0\0\0\0\0{}")]
    [InlineData("\u0002\0\0\0\0\0\0\0[]")]
    [InlineData("\u0004\0\0\0\0\0\0\0null")]
    [InlineData("\u0015\0\0\0\0\0\0\0{\"__metadata__\":\"x\" }")]
    [InlineData("\u0018\0\0\0\0\0\0\0{\"__metadata__\":{\"a\":1}}")]
    public void AFileThatIsNoCheckpointIsSaid(string content)
    {
        var path = run.NewFolder();
        File.WriteAllText(path, content);
        Assert.StartsWith(
            $"{path}: not a ",
            Command.Refuse("search", "--checkpoint", path, "--data", run.Data, "--budgets", "2-3M", "--out", run.NewFolder()));
    }

    [Fact]
    public void ACutCheckpointIsSaid()
    {
        var path = run.NewFolder();
        File.Copy(run.Checkpoint, path);
        using (var file = File.OpenWrite(path)) file.SetLength(file.Length * 2 / 3);
        Assert.EndsWith(
            "is cut short; the file is damaged",
            Command.Refuse(
                "search", "--checkpoint", path, "--data", run.Data, "--budgets", "2-3M", "--size", "32", "--out", run.NewFolder()));
    }

    /// <summary>A training that diverged is of no use to any verb, and is told by the tensor, with a sound checksum too.</summary>
    [Theory]
    [InlineData("teacher.conv1.weight", double.NaN)]
    [InlineData("student.layer2.0.bn1.bias", double.PositiveInfinity)]
    public void ACheckpointThatIsNotFiniteIsSaid(string tensor, double odd)
    {
        var path = run.NewFolder();
        var (tensors, metadata) = Runtime.Storage.SafeTensors.Read(run.Checkpoint);
        using (var first = tensors[tensor].view(-1).narrow(0, 0, 1)) first.fill_(odd);
        Runtime.Storage.SafeTensors.Write(path, tensors.Select(t => (t.Key, t.Value)), metadata);
        foreach (var value in tensors.Values) value.Dispose();
        var (train, test) = run.LabelledSets();
        var folder = run.NewFolder();
        foreach (var arguments in new string[][]
        {
            ["search", "--checkpoint", path, "--data", run.Data, "--budgets", "2-3M", "--images", "4", "--size", "32", "--out", folder],
            ["emit", "--checkpoint", path, "--data", run.Data, "--images", "4", "--arch", "Min", "--name", "Net", "--out", folder],
            ["evaluate", "knn", "--checkpoint", path, "--data", train, "--test", test, "--size", "32", "--out", folder],
        })
            Assert.Equal(
                $"{path}: tensor '{tensor}' holds a value that is not finite; its training diverged, or the file is damaged",
                Command.Refuse(arguments));
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public void ACheckpointOfAnotherSpaceIsSaid()
    {
        var path = run.NewFolder();
        File.WriteAllBytes(
            path,
            Replace(File.ReadAllBytes(run.Checkpoint), Spaces.Demo.Space.WeightsHash, new('0', Spaces.Demo.Space.WeightsHash.Length)));
        var error = Command.Refuse(
            "search", "--checkpoint", path, "--data", run.Data, "--budgets", "2-3M", "--size", "32", "--out", run.NewFolder());
        Assert.Matches(
            $@"\A{path}: the weights of a checkpoint of space Demo do not fit Demo: they are 0+, and it takes {Spaces.Demo.Space.WeightsHash}; give the space",
            error);
    }

    /// <summary>Constraints and a coarser grid choose among the same weights; another largest network has others.</summary>
    [Fact]
    public void ACheckpointServesEverySpaceOverItsWeights()
    {
        var (file, source) = (run.NewFolder() + ".space.yaml", Spaces.Demo.Space.Source);
        string[] arguments =
        [
            "search", "--checkpoint", run.Run, "--data", run.Data, "--budgets", "2-3M", "--tasks", "classification", "--images", "4",
            "--size", "32", "--candidates", "2", "--space-file", file, "--out",
        ];
        File.WriteAllText(file, source.Replace("stages:", "constraints: [stage1.depth == 1]\nstages:"));
        var folder = run.NewFolder();
        Command.Succeed([.. arguments, folder]);
        Assert.All(
            System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "search.json")))!["winners"]!.AsArray(), w =>
                Assert.Matches(@"stage1=\d+x1 ", w!.ToJsonString()));
        File.WriteAllText(file, source.Replace("stem: { width: [16, 32] }", "stem: { width: [8, 16, 32] }"));
        Command.Succeed([.. arguments, run.NewFolder()]);
        File.WriteAllText(file, source.Replace("stem: { width: [16, 32] }", "stem: { width: [16, 40] }"));
        Assert.Contains("do not fit Demo", Command.Refuse([.. arguments, run.NewFolder()]));
    }

    private static byte[] Replace(byte[] file, string old, string @new)
    {
        var latin = System.Text.Encoding.Latin1;
        return latin.GetBytes(latin.GetString(file).Replace(old, @new));
    }
}
