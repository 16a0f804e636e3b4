using System.Text.Json.Nodes;
using DataSsl.Demo;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Evaluation;
using static TorchSharp.torch;

namespace DataSsl.Cli.Tests.Verbs;

[Collection(nameof(ConsoleCollection))]
public sealed class EvaluateTests(TrainedRun run)
{
    [Fact]
    public void KnnIsWhatTheSupernetItselfGives()
    {
        var (train, test) = run.LabelledSets();
        var folder = run.NewFolder();
        var json = Command.Succeed(
            "evaluate", "knn", "--checkpoint", run.Run, "--arch", "Middle", "--data", train, "--test", test, "--size", "32", "--k", "5",
            "--temperature", "0.2", "--out", folder, "--json").Json;
        using var scope = NewDisposeScope();
        using var networks = Runtime.Training.Checkpoint.LoadNetworks(run.Checkpoint, Spaces.Demo.Space, CPU);
        var (bank, queries) = (Store(train), Store(test));
        var embedder = new Embedder(networks.Student, Spaces.Demo.Space.Parse("Middle"), 32, CPU);
        var expected = KnnClassifier.Accuracy(embedder.Embed(bank), bank.Labels!, embedder.Embed(queries, bank), queries.Labels, 5, 0.2);
        Assert.Equal(expected, (double)json["top1"]!["accuracy"]!);
        Assert.Equal(queries.Count, (int)json["top1"]!["of"]!);
        Assert.InRange((double)json["top1"]!["accuracy"]!, (double)json["top1"]!["low"]!, (double)json["top1"]!["high"]!);
        Assert.Equal("subnet", (string)json["network"]!["kind"]!);
        Assert.Equal(Runtime.Training.Checkpoint.Hash(run.Checkpoint), (string)json["network"]!["checkpointHash"]!);
        Assert.Equal(Spaces.Demo.Space.Parse("Middle").ToString(), (string)json["network"]!["architecture"]!);
        Assert.Equal(bank.Source.Fingerprint[..16], (string)json["data"]!["train"]!["fingerprint"]!);
        Assert.Equal($"statistics of {bank.Count} training images", (string)json["batchNorm"]!);
        // The line is the object that was printed, and its seal.
        var line = JsonNode.Parse(Assert.Single(File.ReadAllLines(Path.Combine(folder, "evaluations.jsonl"))))!.AsObject();
        Assert.True(line.Remove("seal"));
        Assert.True(JsonNode.DeepEquals(json, line));

        static ImageStore Store(string path) => ImageStore.Load(ImageSource.Open(path), new() { Canvas = 48 });
    }

    [Fact]
    public void EveryMethodAddsALineToTheRunOfItsCheckpoint()
    {
        var home = run.NewFolder();
        Directory.CreateDirectory(home);
        File.Copy(run.Checkpoint, Path.Combine(home, "checkpoint.safetensors"));
        var (train, _) = run.LabelledSets();
        string[] shared = ["--checkpoint", home, "--arch", "Min", "--data", train, "--size", "32", "--seed", "3"];
        Assert.Matches(
            @"\Aknn accuracy of Min of .*checkpoint\.safetensors \(step 12\): [\d.]+ % \([\d.]+ to [\d.]+\)\n",
            Command.Succeed(["evaluate", "knn", .. shared]).Output);
        Command.Succeed(["evaluate", "linear", .. shared]);
        Command.Succeed(["evaluate", "linear", .. shared, "--l2", "0.01", "--labels", "50%"]);
        Command.Succeed(["evaluate", "finetune", .. shared, "--epochs", "2", "--batch", "8", "--labels", "50%"]);
        var lines = File.ReadAllLines(Path.Combine(home, "evaluations.jsonl")).Select(line => JsonNode.Parse(line)!).ToArray();
        Assert.Equal(["knn", "linear", "linear", "finetune"], lines.Select(line => (string)line["method"]!));
        Assert.All(lines, line => Assert.Equal("20 % of each class of --data, held out by seed 3", (string)line["data"]!["split"]!));
        Assert.All(lines, line => Assert.Null(line["top5"]));
        Assert.Equal((int)lines[0]["data"]!["train"]!["images"]! / 2, (int)lines[2]["data"]!["labelled"]!);
        Assert.Equal(LinearProbe.Sweep.Count, lines[1]["options"]!["sweep"]!.AsArray().Count);
        Assert.Equal(0.01, (double)lines[2]["options"]!["l2"]!);
        Assert.Equal(2, (int)lines[3]["options"]!["epochs"]!);
        // Fine-tuning was of a copy.
        Assert.Equal(File.ReadAllBytes(run.Checkpoint), File.ReadAllBytes(Path.Combine(home, "checkpoint.safetensors")));
    }

    [Fact]
    public void TheSameSeedGivesTheSameResult()
    {
        var (train, _) = run.LabelledSets();
        foreach (var method in new[] { "linear", "finetune" })
        {
            string[] arguments =
            [
                "evaluate", method, "--random", "--space", "Demo", "--arch", "Min", "--data", train, "--size", "32", "--json", "--threads",
                "1",.. method == "finetune" ? (string[])["--epochs", "1"] : [],
            ];
            var (first, second) = (Command.Succeed(arguments).Json, Command.Succeed(arguments).Json);
            Assert.Equal("random", (string)first["network"]!["kind"]!);
            foreach (var json in new[] { first, second }) Assert.True(json.Remove("time") && json.Remove("seconds"));
            Assert.True(JsonNode.DeepEquals(first, second), $"{first}\n{second}");
        }
    }

    [Fact]
    public void AnEmittedClassIsItsSubnet()
    {
        var (train, test) = run.LabelledSets();
        var folder = run.NewFolder();
        // Its statistics are over all training images, as those of the subnet will be.
        Command.Succeed(
            "emit", "--checkpoint", run.Run, "--arch", "Min", "--data", train, "--images", "1000", "--size", "32", "--name", "Emitted",
            "--out", folder);
        var emitted = Command.Succeed(
            "evaluate", "knn", "--emitted", Path.Combine(folder, "Emitted.cs"), "--data", train, "--test", test, "--json").Json;
        Assert.Equal(
            ("emitted", "Emitted", "as emitted", 32),
            ((string)emitted["network"]!["kind"]!, (string)emitted["network"]!["class"]!, (string)emitted["batchNorm"]!,
                (int)emitted["size"]!));
        var subnet = Command.Succeed(
            "evaluate", "knn", "--checkpoint", run.Run, "--arch", "Min", "--data", train, "--test", test, "--size", "32", "--out",
            run.NewFolder(), "--json").Json;
        Assert.Equal((double)subnet["top1"]!["accuracy"]!, (double)emitted["top1"]!["accuracy"]!);
    }

    /// <summary>
    /// The other files of a winner are no class, and lead to it; the class for inference has the weights of the one it was made from.
    /// </summary>
    [Fact]
    public void TheFilesOfAWinnerLeadToItsClass()
    {
        var (train, test) = run.LabelledSets();
        var (folder, vain) = (run.NewFolder(), run.NewFolder());
        Command.Succeed(
            "emit", "--checkpoint", run.Run, "--arch", "Min", "--images", "8", "--size", "32", "--name", "Whole", "--forms",
            "class,folded,onnx,csharp,csharp-int8", "--out", folder);
        var (source, weights, onnx) = (Path.Combine(folder, "Whole.cs"), Path.Combine(folder, "Whole.safetensors"),
            Path.Combine(folder, "Whole.onnx"));
        foreach (var other in new[] { weights, folder })
            Assert.Equal(
                $"--emitted {other}: neither a class nor an ONNX model; give the .cs file that 'datassl emit' wrote, with its .safetensors beside it, or an .onnx file",
                Command.Refuse("evaluate", "knn", "--emitted", other, "--data", train));
        foreach (var other in new[] { onnx, weights })
            Assert.Equal(
                $"--winner {other}: not the class itself; give {source}",
                Command.Refuse("verdict", "--winner", other, "--data", train, "--test", test, "--out", vain));
        Assert.EndsWith(
            $"tensor 'bn1.weight', it is missing; BatchNorm is folded into the convolutions there: give the weights as they were before, {weights}",
            Command.Refuse("evaluate", "knn", "--from", onnx, "--space", "Demo", "--data", train));
        Assert.False(Directory.Exists(vain));
        var (pure, bytes) = (Path.Combine(folder, "WholePure.cs"), Path.Combine(folder, "WholeInt8.cs"));
        foreach (var same in new[] { Path.Combine(folder, "WholeFolded.cs"), onnx, pure }) Assert.Equal(Accuracy(source), Accuracy(same));
        Assert.InRange(Accuracy(bytes), Accuracy(source) - 0.15, Accuracy(source) + 0.15);
        Assert.Equal(
            $"--winner {bytes}: computes in 8 bits and is not trained on; give the class that it was emitted with",
            Command.Refuse("verdict", "--winner", bytes, "--data", train, "--test", test, "--out", vain));
        Assert.Equal(
            $"--size 64: {pure} takes images of 32 pixels alone; leave the option out",
            Command.Refuse("evaluate", "knn", "--emitted", pure, "--data", train, "--size", "64"));
        Assert.Equal(
            $"--emitted {bytes}: a class for inference by .NET alone is computed, and not trained on; give the class",
            Command.Refuse("evaluate", "finetune", "--emitted", bytes, "--data", train));
        foreach (var task in new[] { "finetune", "segment" })
            Assert.Equal(
                $"--emitted {onnx}: an ONNX model is computed, and not trained on; give the class",
                Command.Refuse("evaluate", task, "--emitted", onnx, "--data", train, "--out", vain));
        Assert.Equal(
            $"--weights {weights}: {onnx} has its weights within; leave the option out",
            Command.Refuse("evaluate", "knn", "--emitted", onnx, "--weights", weights, "--data", train));

        double Accuracy(string of) =>
            (double)Command.Succeed(
                "evaluate", "knn", "--emitted", of, "--data", train, "--test", test, "--json").Json["top1"]!["accuracy"]!;
    }

    /// <summary>Copies among the test images are no further tests: their interval would be too narrow.</summary>
    [Fact]
    public void ATestImageCountsOnce()
    {
        var (train, test) = run.LabelledSets();
        var twice = run.NewFolder();
        foreach (var file in Directory.GetFiles(test, "*.png", SearchOption.AllDirectories))
        {
            var to = Path.Combine(twice, Path.GetRelativePath(test, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to);
            File.Copy(file, to.Replace(".png", "-again.png", StringComparison.Ordinal));
        }
        var (once, copied) = (Knn(test), Knn(twice));
        Assert.Contains(
            $"--test {twice}: of its images 15 are copies of others in it: left out, so that each counts once\n", copied.Error,
            StringComparison.Ordinal);
        Assert.Equal(once.Json["top1"]!.ToJsonString(), copied.Json["top1"]!.ToJsonString());

        Command Knn(string of) =>
            Command.Succeed(
                "evaluate", "knn", "--checkpoint", run.Run, "--arch", "Min", "--data", train, "--test", of, "--size", "32", "--k", "3",
                "--out", run.NewFolder(), "--json");
    }

    [Fact]
    public void AListWithAHeadingServesAndKnowsItsClassesByName()
    {
        var (train, test) = run.LabelledSets();
        var list = run.NewFolder() + ".csv";
        var names = ImageFolder.Open(test);
        // The list has the last class alone, whose number in it is not that of the training set.
        var last = names.ClassNames[^1];
        File.WriteAllText(
            list,
            "path,label\n"
                + string.Concat(
                    names.Names.Where(n => n.StartsWith(last, StringComparison.Ordinal)).Select(n => $"{Path.Combine(test, n)},{last}\n")));
        string[] shared = ["evaluate", "knn", "--checkpoint", run.Run, "--data", train, "--size", "32", "--out", run.NewFolder(), "--json"];
        var (whole, part) = (Command.Succeed([.. shared, "--test", test]).Json, Command.Succeed([.. shared, "--test", list]).Json);
        var (hits, count) = ((int)part["top1"]!["right"]!, (int)part["top1"]!["of"]!);
        Assert.Equal(names.Labels!.Count(l => names.ClassNames[l] == last), count);
        Assert.True(hits > 0 && hits <= (int)whole["top1"]!["right"]!);
    }

    [Theory]
    [InlineData("give one network: --checkpoint FILE --arch ARCH", "--checkpoint", null)]
    [InlineData("give one network: --checkpoint FILE --arch ARCH", "--emitted", "Net.cs")]
    [InlineData("nowhere: no such file", "--checkpoint", "nowhere")]
    [InlineData("'nonsense' is not an architecture of Demo", "--arch", "nonsense")]
    [InlineData("--space goes with --random", "--space", "Demo")]
    [InlineData("--weights goes with --emitted", "--weights", "w.safetensors")]
    [InlineData("--data is missing", "--data", null)]
    [InlineData("the image folder 'nowhere' does not exist", "--data", "nowhere")]
    [InlineData("the image folder 'nowhere' does not exist", "--test", "nowhere")]
    [InlineData("--labels 10: give a share above 0 % and up to 100 %", "--labels", "10")]
    [InlineData("--labels 0%: give a share above 0 % and up to 100 %", "--labels", "0%")]
    [InlineData("--labels 101%: give a share above 0 % and up to 100 %", "--labels", "101%")]
    [InlineData("--calibration 0: give a number of images, such as 512, or of batches and images in each", "--calibration", "0")]
    [InlineData("--calibration 5x: give a number of images, such as 512, or of batches and images in each", "--calibration", "5x")]
    [InlineData("--size 7 is too small for Demo", "--size", "7")]
    [InlineData("--k 0: give a whole number from 1 to 1000000", "--k", "0")]
    [InlineData("--temperature 0: give a number above 0 and up to 1000", "--temperature", "0")]
    public void BadInputIsOneLineAndLeavesNothing(string start, string option, string? value)
    {
        var folder = run.NewFolder();
        var arguments = new Dictionary<string, string?>
        {
            ["--checkpoint"] = run.Run,
            ["--arch"] = "Min",
            ["--data"] = run.Data,
            ["--size"] = "32",
            ["--out"] = folder,
            [option] = value,
        };
        Assert.StartsWith(
            start,
            Command.Refuse(["evaluate", "knn", .. arguments.Where(a => a.Value is not null).SelectMany(a => new[] { a.Key, a.Value! })]));
        Assert.False(Directory.Exists(folder));
    }

    [Theory]
    [InlineData("--l2 -1: give a number above 0 and up to 1000000000", "linear", "--l2", "-1")]
    [InlineData("--epochs 0: give a whole number from 1 to 1000000", "finetune", "--epochs", "0")]
    [InlineData("--batch 1: give a whole number from 2 to 65536; BatchNorm needs more than one image", "finetune", "--batch", "1")]
    [InlineData("--rate -0.1: give a number from 0 to 1000", "finetune", "--rate", "-0.1")]
    [InlineData("--head-rate 0: give a number above 0 and up to 1000", "finetune", "--head-rate", "0")]
    [InlineData("--keep-head 2: the head of moco-v2 has 1 hidden layer; give 1 or less", "finetune", "--keep-head", "2")]
    [InlineData("--keep-head -1: give a whole number from 0 to 16", "finetune", "--keep-head", "-1")]
    [InlineData("--emitted FILE", "knn", "--random", "true")]
    [InlineData("", "fly", "--k", "3")]
    public void BadInputOfAMethodIsOneLine(string part, string method, string option, string value) =>
        Assert.Contains(
            part,
            Command.Refuse(
                "evaluate", method, option, value, "--checkpoint", run.Run, "--arch", "Min", "--data", run.Data, "--size", "32", "--out",
                run.NewFolder()));

    /// <summary>A head is the run's: it changes what is learnt, and random weights have none.</summary>
    [Fact]
    public void FineTuningKeepsLayersOfTheRunsHead()
    {
        var (train, test) = run.LabelledSets();
        string[] arguments =
        [
            "evaluate", "finetune", "--data", train, "--test", test, "--arch", "Min", "--size", "32", "--epochs", "2", "--batch", "8",
            "--threads", "1", "--json", "--out", run.NewFolder(),
        ];
        var (without, kept) = (Tuned([]), Tuned(["--keep-head", "1"]));
        Assert.Equal((0, 1), ((int)without["keptLayers"]!, (int)kept["keptLayers"]!));
        Assert.NotEqual((double)without["lastLoss"]!, (double)kept["lastLoss"]!);
        Assert.StartsWith(
            "--keep-head goes with --checkpoint: other weights have no head",
            Command.Refuse([.. arguments, "--random", "--space", "Demo", "--keep-head", "1"]));

        JsonNode Tuned(string[] more) => Command.Succeed([.. arguments, "--checkpoint", run.Checkpoint, .. more]).Json["options"]!;
    }

    [Fact]
    public void TooFewLabelsToChooseThePenaltyByAreSaid()
    {
        string[] arguments =
        [
            "evaluate", "linear", "--checkpoint", run.Run, "--arch", "Min", "--data", run.LabelledSets().Train, "--size", "32", "--labels",
            "1%", "--out", run.NewFolder(),
        ];
        var refused = Command.Run(arguments);
        Assert.Equal((2, ""), (refused.ExitCode, refused.Output));
        Assert.EndsWith(
            "\ndatassl: one labelled image a class leaves nothing to choose the penalty by; give --l2, or a larger share of --labels\n",
            refused.Error);
        Assert.Equal(3, (int)Command.Succeed([.. arguments, "--l2", "0.1", "--json"]).Json["data"]!["labelled"]!);
    }

    [Fact]
    public void ImagesThatCannotBeJudgedAreSaid()
    {
        var (train, test) = run.LabelledSets();
        var flat = Directory.CreateDirectory(run.NewFolder()).FullName;
        File.Copy(ImageFolder.Open(train).Paths[0], Path.Combine(flat, "a.png"));
        var one = Path.Combine(flat, "one.csv");
        File.WriteAllText(one, "a.png,cat\n");
        MustRefuse($"--data {flat}: has no classes", flat);
        MustRefuse($"--data {one}: holds one class", one);
        MustRefuse($"--test {one}: its class 'cat' is none of {train}", train, one);
        MustRefuse($"--test {train}: holds the images of --data", train, train);

        void MustRefuse(string start, string data, string? given = null) =>
            Assert.StartsWith(
                start,
                Command.Refuse(
                    [
                        "evaluate", "knn", "--checkpoint", run.Run, "--data", data,.. given is null ? (string[])[] : ["--test", given],
                        "--out", run.NewFolder(),
                    ]));
    }
}
