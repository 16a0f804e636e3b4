using System.Text.Json.Nodes;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Training;
using DataSsl.Search.Start;
using static TorchSharp.torch;

namespace DataSsl.Cli.Tests;

/// <summary><c>train --from</c> and <c>evaluate --from</c> on the command line.</summary>
[Collection(nameof(ConsoleCollection))]
public sealed class FromTests(TrainedRun run)
{
    private string[] Training(string folder, params string[] more) =>
        [
            "train", "--space", "Demo", "--data", run.Data, "--size", "32", "--batch", "8", "--epochs", "1", "--objective", "byol",
            "--compute", "float32", "--hidden", "16", "--dimension", "16", "--out", folder,.. more,
        ];

    [Fact]
    public void A_run_keeps_what_it_started_from_and_goes_on_with_nothing_else()
    {
        var folder = run.NewFolder();
        var started = Command.Succeed(Training(folder, "--from", run.Run));
        Assert.Contains(
            "Max of Demo",
            started.Error.Replace("stem=32 stage1=24x2 stage2=48x2 stage3=96x3 stage4=192x2", "Max", StringComparison.Ordinal),
            StringComparison.Ordinal);
        var from = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, Trainer.OptionsFile)))!["from"]!;
        Assert.Equal(Path.GetFullPath(run.Checkpoint), (string)from["weights"]!);
        Assert.Equal(Runtime.Training.Checkpoint.Hash(run.Checkpoint), (string)from["hash"]!);
        Assert.Contains(
            $"from: '{Path.GetFullPath(run.Checkpoint)}'", File.ReadAllText(Path.Combine(folder, "run.recipe.yaml")),
            StringComparison.Ordinal);
        // The weights are not those of a run from random ones.
        var other = run.NewFolder();
        Command.Succeed(Training(other));
        Assert.NotEqual(First(folder), First(other));
        var emitted = run.NewFolder();
        Command.Succeed("emit", "--checkpoint", folder, "--arch", "Middle", "--images", "8", "--out", emitted, "--name", "Started");
        Assert.Contains(
            Path.GetFullPath(run.Checkpoint),
            (string)JsonNode.Parse(File.ReadAllText(Path.Combine(emitted, "Started.json")))!["startedFrom"]!, StringComparison.Ordinal);
        Command.Succeed("train", "--resume", "--out", folder, "--epochs", "2", "--from", run.Run);
        Assert.Contains(
            "--from", Command.Refuse("train", "--resume", "--out", folder, "--from", ImageNetResNet18.Name), StringComparison.Ordinal);
        Assert.Contains("--from", Command.Refuse("train", "--resume", "--out", other, "--from", run.Run), StringComparison.Ordinal);

        static double First(string folder) =>
            (double)JsonNode.Parse(File.ReadLines(Path.Combine(folder, "metrics.jsonl")).First())!["loss"]!;
    }

    /// <summary>A run that has no checkpoint yet reads the weights once more, if they are still the same.</summary>
    [Fact]
    public void A_run_that_was_ended_before_its_first_checkpoint_begins_from_the_same_weights()
    {
        var (folder, weights) = (run.NewFolder(), run.File("from-again.safetensors"));
        File.Copy(run.Checkpoint, weights, overwrite: true);
        Command.Succeed(Training(folder, "--from", weights));
        var checkpoint = Path.Combine(folder, CheckpointFolder.NewestFile);
        var whole = File.ReadAllBytes(checkpoint);
        foreach (var file in Directory.GetFiles(folder, "*.safetensors")) File.Delete(file);
        Command.Succeed("train", "--resume", "--out", folder);
        Assert.Equal(whole, File.ReadAllBytes(checkpoint));
        foreach (var file in Directory.GetFiles(folder, "*.safetensors")) File.Delete(file);
        run.WriteCheckpoint(weights, seed: 2);
        Assert.Contains("now it is another", Command.Refuse("train", "--resume", "--out", folder), StringComparison.Ordinal);
    }

    [Fact]
    public void A_single_network_and_a_plan_start_from_weights_too()
    {
        var folder = run.NewFolder();
        Command.Succeed(Training(folder, "--from", run.Run, "--arch", "Middle"));
        Assert.Contains(
            run.Checkpoint,
            Command.Succeed(
                "plan", "--space", "Demo", "--data", run.Data, "--size", "32", "--batch", "8", "--epochs", "1", "--from", run.Run,
                "--probe", "0").Output,
            StringComparison.Ordinal);
        // A run of one architecture has the keys of its supernet.
        Command.Succeed(Training(run.NewFolder(), "--from", folder));
    }

    [Fact]
    public void The_given_network_is_evaluated_as_it_came()
    {
        var (train, test) = run.LabelledSets();
        var result = Command.Succeed(
            "evaluate", "knn", "--from", ImageNetResNet18.Name, "--space", "AroundResNet18", "--size", "64", "--data", train, "--test",
            test, "--json").Json;
        Assert.Equal("stem=64 stage1=2 stage2=128x2 stage3=256x2 stage4=512x3", (string)result["network"]!["architecture"]!);
        Assert.Equal("as given", (string)result["batchNorm"]!);
        Assert.InRange((double)result["top1"]!["accuracy"]!, 0.5, 1);
        Command.Succeed(
            "evaluate", "knn", "--from", ImageNetResNet18.Name, "--space", "AroundResNet18", "--arch", "Half", "--size", "64", "--data",
            train, "--test", test);
    }

    [Fact]
    public void What_is_no_start_is_refused_in_one_line()
    {
        Assert.Contains("no such file", Refuse("Demo", run.File("none.pth")), StringComparison.Ordinal);
        Assert.Contains(
            "weights of a resnet-bottleneck, and the space is of resnet-basic", Refuse("BasicResNet", run.Run), StringComparison.Ordinal);
        Assert.Contains(
            "weights of a resnet-bottleneck, and the space is of vit", Refuse("VisionTransformers", run.Run), StringComparison.Ordinal);
        Assert.Contains(
            "weights of a resnet-basic, and the space is of resnet-bottleneck", Refuse("Demo", ImageNetResNet18.Name),
            StringComparison.Ordinal);
        // The first tensor that fits nowhere is named as the file has it.
        var (tensors, _) = SafeTensors.Read(run.Checkpoint);
        var state = tensors.Where(t => t.Key.StartsWith("student.", StringComparison.Ordinal))
            .ToDictionary(t => "model." + t.Key["student.".Length..], t => t.Value);
        Assert.Contains(
            "fits nowhere in Small32: tensor 'model.conv1.weight' is [32, 3, 7, 7]", Refuse("Small32", Written(state)),
            StringComparison.Ordinal);
        Assert.Contains(
            "tensor 'model.layer2.1.bn2.weight', it is missing",
            Refuse("Demo", Written(state.Where(t => t.Key != "model.layer2.1.bn2.weight"))), StringComparison.Ordinal);
        Assert.Contains(
            "tensor 'model.layer2.1.gate.weight' is [3], there is no such tensor",
            Refuse("Demo", Written(state.Append(new("model.layer2.1.gate.weight", ones(3))))), StringComparison.Ordinal);
        Assert.Contains(
            "'model.layer1.1.conv3.weight' holds a value that is not finite",
            Refuse("Demo", Written(state.Select(t => t.Key == "model.layer1.1.conv3.weight" ? new(t.Key, t.Value / 0) : t))),
            StringComparison.Ordinal);
        Assert.Contains("holds no weights of a resnet-bottleneck", Refuse("Demo", Written([new("a", ones(1))])), StringComparison.Ordinal);
        File.WriteAllText(run.File("text.onnx"), "no model");
        Assert.Contains("not an ONNX model", Refuse("Demo", run.File("text.onnx")), StringComparison.Ordinal);
        foreach (var tensor in tensors.Values) tensor.Dispose();
    }

    private string Written(IEnumerable<KeyValuePair<string, Tensor>> state)
    {
        var path = run.File("odd.safetensors");
        SafeTensors.Write(path, state.Select(t => (t.Key, t.Value)), new Dictionary<string, string>());
        return path;
    }

    private string Refuse(string space, string weights)
    {
        var folder = run.NewFolder();
        var line = Command.Refuse("train", "--space", space, "--data", run.Data, "--batch", "8", "--from", weights, "--out", folder);
        Assert.False(Directory.Exists(folder), "a refused run left a folder");
        return line;
    }
}
