using System.Text.Json.Nodes;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Teachers;
using DataSsl.Runtime.Views;
using DataSsl.Search.Start;
using DataSsl.Search.Teachers;
using DataSsl.Spaces;
using static TorchSharp.torch;

namespace DataSsl.Cli.Tests;

/// <summary><c>train --teacher</c> and <c>search --score teacher</c> on the command line; the teacher is a tiny network of a run.</summary>
[Collection(nameof(ConsoleCollection))]
public sealed class TeacherTests(TrainedRun run)
{
    private string[] Training(string folder, params string[] more) => Training(folder, "32", more);

    private string[] Training(string folder, string size, string[] more) =>
        [
            "train", "--space", "Demo", "--data", run.Data, "--size", size, "--batch", "8", "--epochs", "1", "--compute", "float32",
            "--hidden", "16", "--out", folder,.. more,
        ];

    [Fact]
    public void A_run_keeps_its_teacher_and_goes_on_with_no_other()
    {
        var folder = run.NewFolder();
        Command.Succeed(Training(folder, "--teacher", run.Run, "--teacher-arch", "Middle", "--teacher-size", "32"));
        var options = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, Trainer.OptionsFile)))!;
        var teacher = options["teacher"]!;
        Assert.Equal(Path.GetFullPath(run.Checkpoint), (string)teacher["weights"]!);
        Assert.Equal(Checkpoint.Hash(run.Checkpoint), (string)teacher["hash"]!);
        Assert.Equal($"Demo {Spaces.Demo.Space.Parse("Middle")}", (string)teacher["architecture"]!);
        Assert.Equal(("distill", "Single"), ((string)options["method"]!["objective"]!["kind"]!, (string)options["method"]!["rule"]!));
        var recipe = Path.Combine(folder, "run.recipe.yaml");
        Assert.Contains($"  network: '{Path.GetFullPath(run.Checkpoint)}'", File.ReadAllText(recipe), StringComparison.Ordinal);
        // The recipe begins the same run again.
        var again = run.NewFolder();
        Command.Succeed("train", "--recipe", recipe, "--out", again);
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(folder, CheckpointFolder.NewestFile)),
            File.ReadAllBytes(Path.Combine(again, CheckpointFolder.NewestFile)));
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(folder, "teacher.safetensors")), File.ReadAllBytes(Path.Combine(again, "teacher.safetensors")));

        var emitted = run.NewFolder();
        Command.Succeed("emit", "--checkpoint", folder, "--arch", "Middle", "--images", "8", "--out", emitted, "--name", "Taught");
        Assert.Contains(
            Path.GetFullPath(run.Checkpoint),
            (string)JsonNode.Parse(File.ReadAllText(Path.Combine(emitted, "Taught.json")))!["learntFrom"]!, StringComparison.Ordinal);
        Command.Succeed(
            "train", "--resume", "--out", folder, "--epochs", "2", "--teacher", run.Run, "--teacher-arch", "Middle", "--teacher-views",
            "clean", "--spatial-weight", "0");
        foreach (var other in
            new[]
            {
                "--teacher=" + ImageNetResNet18.Name,
                "--teacher-arch=Max",
                "--teacher-size=64",
                "--teacher-views=same",
                "--teacher-loss=cosine",
                "--teacher-weight=0.5",
                "--spatial-weight=1",
                "--objective=byol",
            })
            Assert.StartsWith(
                other.Split('=')[0], Command.Refuse(["train", "--resume", "--out", folder, .. other.Split('=')]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_teacher_that_changed_is_refused_and_one_that_is_gone_is_not_missed()
    {
        var (folder, weights) = (run.NewFolder(), run.File("teacher.safetensors"));
        File.Copy(run.Checkpoint, weights, overwrite: true);
        Command.Succeed(Training(folder, "--teacher", weights, "--teacher-size", "32", "--teacher-loss", "cosine"));
        run.WriteCheckpoint(weights, seed: 2);
        Assert.Contains(
            "now it is another", Command.Refuse("train", "--resume", "--out", folder, "--epochs", "2"), StringComparison.Ordinal);
        File.Delete(weights);
        Command.Succeed("train", "--resume", "--out", folder, "--epochs", "2");
        File.Delete(Path.Combine(folder, "teacher.safetensors"));
        Assert.Contains("which is gone", Command.Refuse("train", "--resume", "--out", folder, "--epochs", "3"), StringComparison.Ordinal);
    }

    /// <summary>The views themselves, maps, and our own teacher's objective beside the foreign one; and what a plan says of it.</summary>
    [Fact]
    public void It_stands_beside_another_objective_and_compares_maps()
    {
        var folder = run.NewFolder();
        string[] beside =
        [
            "--objective", "moco-v2", "--teacher-weight", "0.7", "--queue", "8", "--teacher", run.Run, "--teacher-views", "same",
            "--spatial-weight", "0.5",
        ];
        Command.Succeed(Training(folder, "64", beside));
        var method = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, Trainer.OptionsFile)))!["method"]!;
        var objective = method["objective"]!;
        Assert.Equal("Single", (string)method["rule"]!);
        Assert.Equal(
            ("moco-v2", 8, 0.7),
            ((string)objective["beside"]!["kind"]!, (int)objective["beside"]!["queueLength"]!, (double)objective["weight"]!));
        Assert.False(File.Exists(Path.Combine(folder, "teacher.safetensors")));
        var again = run.NewFolder();
        Command.Succeed("train", "--recipe", Path.Combine(folder, "run.recipe.yaml"), "--out", again);
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(folder, CheckpointFolder.NewestFile)),
            File.ReadAllBytes(Path.Combine(again, CheckpointFolder.NewestFile)));
        var plan = Command.Succeed(
            "plan", "--space", "Demo", "--data", run.Data, "--batch", "8", "--epochs", "1", "--probe", "0", "--json", "--teacher", run.Run,
            "--teacher-size", "32").Json;
        var without = Command.Succeed(
            "plan", "--space", "Demo", "--data", run.Data, "--batch", "8", "--epochs", "1", "--probe", "0", "--json", "--teacher", run.Run,
            "--teacher-size", "32", "--teacher-views", "same").Json;
        // One word of its settings is a letter longer, which may bring each of three checkpoints to the next eight bytes.
        var targets =
            Directory.GetFiles(run.Data, "*", SearchOption.AllDirectories).Length * Spaces.Demo.Space.Max.EmbeddingChannels * sizeof(float);
        Assert.InRange((long)plan["diskBytes"]! - (long)without["diskBytes"]!, targets, targets + 3 * 8);
        Assert.Equal(Spaces.Demo.Space.Macs(Spaces.Demo.Space.Max, 32), (long)without["macsPerImage"]! - (long)plan["macsPerImage"]!);
    }

    [Fact]
    public void Candidates_are_scored_against_a_foreign_network()
    {
        var folder = run.NewFolder();
        string[] search =
        [
            "search", "--checkpoint", run.Run, "--data", run.Data, "--budgets", "params<=300K", "--images", "8", "--size", "32",
            "--candidates", "3",
        ];
        var result = Command.Succeed([.. search, "--score", "teacher", "--teacher", ImageNetResNet18.Name, "--out", folder, "--json"]).Json;
        Assert.StartsWith(
            $"{ImageNetResNet18.Name} ({GivenNetwork.HashOf(ImageNetResNet18.Name)})", (string)result["provenance"]!["scored against"]!,
            StringComparison.Ordinal);
        Assert.Equal("embedding", (string)result["tasks"]![0]!["features"]!);
        Assert.Contains("--score teacher --teacher imagenet-resnet18", (string)result["provenance"]!["command"]!, StringComparison.Ordinal);
        Assert.Contains("foreign teacher", File.ReadAllText(Path.Combine(folder, "report.html")), StringComparison.Ordinal);
        // Minus a cross-entropy over eight images: below 0, and near that of all alike.
        Assert.All(
            result["candidates"]!.AsArray(),
            candidate => Assert.InRange((double)candidate!["scores"]!["classification"]!, -2 * Math.Log(8), -1e-3));
        Assert.Contains(
            "no foreign network", Command.Refuse([.. search, "--score", "teacher", "--out", run.NewFolder()]), StringComparison.Ordinal);
        Assert.Contains(
            "compares C4-C5",
            Command.Refuse([.. search, "--score", "teacher", "--teacher", run.Run, "--tasks", "segmentation", "--out", run.NewFolder()]),
            StringComparison.Ordinal);
        Assert.StartsWith(
            "--teacher-arch Min: goes with --teacher NET",
            Command.Refuse([.. search, "--score", "teacher", "--teacher-arch", "Min", "--out", run.NewFolder()]), StringComparison.Ordinal);
        Assert.Contains(
            "8,192 px for the teacher take about",
            Command.Refuse([.. search, "--score", "teacher", "--teacher", run.Run, "--teacher-size", "8192", "--out", run.NewFolder()]),
            StringComparison.Ordinal);
        Assert.Contains(
            "--teacher goes with --score teacher", Command.Refuse([.. search, "--teacher", run.Run, "--out", run.NewFolder()]),
            StringComparison.Ordinal);
        // Scores of another kind are not gone on with.
        var other = Command.Run([.. search, "--out", folder, "--resume"]);
        Assert.Equal(2, other.ExitCode);
        Assert.Contains("teacher", other.Error, StringComparison.Ordinal);
    }

    /// <summary>One network as a run's slice, as an emitted class's weights and as ONNX.</summary>
    [Fact]
    public void Every_form_of_a_network_says_the_same()
    {
        var (folder, data) = (run.NewFolder(), run.NewFolder());
        // So small that none is shrunk as it is read: emit's statistics are of whole pictures, a teacher's of those that training keeps.
        Directory.CreateDirectory(data);
        var painted = ImageStore.Load(ImageSource.Open(run.Data), new() { Canvas = 48, Workers = 1 });
        for (var i = 0; i < painted.Count; i++) ImageFile.Save(Path.Combine(data, $"{i:00}.png"), painted.Get([i]).Images[0]);
        Command.Succeed(
            "emit", "--checkpoint", run.Run, "--arch", "Middle", "--data", data, "--images", "16", "--size", "32", "--forms",
            "class,onnx", "--out", folder, "--name", "Form");
        var store = ImageStore.Load(ImageSource.Open(data), new() { Canvas = 48, Workers = 1 });
        using var images = ViewMaker.Make(store, [.. Enumerable.Range(0, store.Count)], ViewRecipe.CenterCrop(32), 0, 0, 0, CPU);
        var (emitted, size) = Of(Path.Combine(folder, "Form.safetensors"), null);
        using var expected = emitted;
        foreach (var (weights, architecture) in new[] { (Path.Combine(folder, "Form.onnx"), (string?)null), (run.Run, "Middle") })
        {
            var (embedding, other) = Of(weights, architecture);
            using var actual = embedding;
            Assert.Equal(expected.shape, actual.shape);
            Assert.InRange((actual - expected).abs().max().item<float>(), 0, 1e-5f);
            if (architecture is null) Assert.Equal(size, other);
        }

        (Tensor Embedding, int Size) Of(string weights, string? architecture)
        {
            using var teacher = TeacherNetwork.Open(
                weights, architecture, architecture is null ? null : 32, TeacherViews.Clean, [BasicResNet.Space, .. CompiledSpaces.All], 32,
                CPU).Network;
            teacher.Prepare([images]);
            return (teacher.Embed(images).Embedding, teacher.Size);
        }
    }

    /// <summary>The name goes into lines, HTML, Markdown and C#: it is text in each, and still the file's name.</summary>
    [SkippableFact]
    public void A_teacher_s_name_is_text_wherever_it_goes()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "other systems have no such names");
        var (folder, winners) = (run.NewFolder(), run.NewFolder());
        var weights = run.File("t\n--- \"'`$(id)`*_|[x](y) <script>alert(1)<!-- */ #endif\u2028\u202e.safetensors");
        Directory.CreateDirectory(Path.GetDirectoryName(weights)!);
        File.Copy(run.Checkpoint, weights);
        var trained = Command.Succeed(Training(folder, "--teacher", weights, "--teacher-size", "32"));
        Assert.All(
            trained.Error.Split('\n').Where(line => line.Contains("alert", StringComparison.Ordinal)),
            line => Assert.StartsWith("--teacher ", line, StringComparison.Ordinal));
        Assert.DoesNotContain('\u202e', trained.Error);
        Command.Succeed("train", "--resume", "--epochs", "2", "--teacher", weights, "--out", folder);
        Command.Succeed(
            "search", "--checkpoint", folder, "--data", run.Data, "--budgets", "params<=300K", "--images", "8", "--size", "32",
            "--candidates", "2", "--tasks", "classification", "--score", "teacher", "--out", folder);
        Assert.DoesNotContain("<script>alert", File.ReadAllText(Path.Combine(folder, "report.html")), StringComparison.Ordinal);
        Assert.DoesNotContain("<!-- */", File.ReadAllText(Path.Combine(folder, "report.html")), StringComparison.Ordinal);
        // The class compiles: that is part of its proof.
        Command.Succeed(
            "emit", "--search", Path.Combine(folder, "search.json"), "--checkpoint", folder, "--forms", "class", "--out", winners);
        foreach (var file in Directory.GetFiles(winners, "*.cs"))
            Assert.All(
                File.ReadAllText(file).Split('\n', '\u2028', '\u2029', '\u0085')
                    .Where(line => line.Contains("alert", StringComparison.Ordinal) || line.Contains("#endif", StringComparison.Ordinal)),
                line => Assert.StartsWith("// ", line, StringComparison.Ordinal));
        var card = File.ReadAllText(Assert.Single(Directory.GetFiles(winners, "*.md")));
        Assert.DoesNotContain("<script>", card.Replace("\\<", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Single(card.Split('\n'), line => line.Contains("alert", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_no_teacher_is_refused_in_one_line()
    {
        Assert.Contains("no such file", Refuse("--teacher", run.File("none.onnx")), StringComparison.Ordinal);
        File.WriteAllText(run.File("text.onnx"), "no model");
        Assert.Contains("not an ONNX model", Refuse("--teacher", run.File("text.onnx")), StringComparison.Ordinal);
        Directory.CreateDirectory(run.File("no run"));
        Assert.Contains(
            "a folder without a run's checkpoint.safetensors", Refuse("--teacher", run.File("no run")), StringComparison.Ordinal);
        Assert.EndsWith("Winner.safetensors", Refuse("--teacher", run.File("Winner.cs")), StringComparison.Ordinal);
        Assert.Contains("for the teacher take about", Refuse("--teacher", run.Run, "--teacher-size", "8192"), StringComparison.Ordinal);
        Assert.Contains("--teacher-arch", Refuse("--teacher", ImageNetResNet18.Name, "--teacher-arch", "Half"), StringComparison.Ordinal);
        Assert.Contains("--teacher-size goes with --teacher", Refuse("--teacher-size", "64"), StringComparison.Ordinal);
        Assert.Contains("--teacher", Refuse("--objective", "distill"), StringComparison.Ordinal);
        Assert.Contains(
            "teacher-weight 1", Refuse("--objective", "byol", "--teacher", run.Run, "--teacher-weight", "1"), StringComparison.Ordinal);
        Assert.Contains("teacher-weight 0.5", Refuse("--teacher", run.Run, "--teacher-weight", "0.5"), StringComparison.Ordinal);
        Assert.Contains(
            "spatial-weight goes with --teacher-views same", Refuse("--teacher", run.Run, "--spatial-weight", "1"),
            StringComparison.Ordinal);
        Assert.Contains(
            "the last map of the student has one position",
            Refuse("--teacher", run.Run, "--spatial-weight", "1", "--teacher-views", "same"), StringComparison.Ordinal);
        Assert.Contains(
            "--dimension does not go with --objective distill", Refuse("--teacher", run.Run, "--dimension", "16"),
            StringComparison.Ordinal);
        Assert.Contains(
            "--queue does not go with --objective distill", Refuse("--teacher", run.Run, "--teacher-loss", "cosine", "--queue", "8"),
            StringComparison.Ordinal);
        Assert.Contains("which does not see view 'key'", Refuse("--teacher", run.Run, "--views", "moco-v2"), StringComparison.Ordinal);
        Assert.Contains("compares 'view' with itself", Refuse("--objective", "simclr", "--views", "crop-flip"), StringComparison.Ordinal);
        var (tensors, metadata) = SafeTensors.Read(run.Checkpoint);
        SafeTensors.Write(
            run.File("odd.safetensors"), tensors.Select(t => (t.Key, t.Key == "student.layer1.1.conv3.weight" ? t.Value / 0 : t.Value)),
            metadata);
        Assert.Contains("not finite", Refuse("--teacher", run.File("odd.safetensors")), StringComparison.Ordinal);
        foreach (var tensor in tensors.Values) tensor.Dispose();
    }

    private string Refuse(params string[] more)
    {
        var folder = run.NewFolder();
        var line = Command.Refuse(
            ["train", "--space", "Demo", "--data", run.Data, "--size", "32", "--batch", "8", "--epochs", "1", "--out", folder, .. more]);
        Assert.False(Directory.Exists(folder), $"a refused run left a folder: {line}");
        return line;
    }
}
