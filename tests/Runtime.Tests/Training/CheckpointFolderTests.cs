using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Tests.Data;
using DataSsl.Runtime.Training;
using DataSsl.Tests;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training;

/// <summary>Which checkpoints a run keeps, and which one it continues from.</summary>
[Collection(SingleThread.Name)]
public sealed class CheckpointFolderTests : IDisposable
{
    private readonly TinyRun run = new();

    [Fact]
    public void The_newest_ones_are_kept_and_the_older_ones_go()
    {
        using var trainer = run.Trainer(run.Options(epochs: 3), "run", keep: 3);
        run.Train(trainer, saveEvery: 0);
        Assert.Equal(["checkpoint-7.safetensors", "checkpoint-8.safetensors", CheckpointFolder.NewestFile], Checkpoints());
        Assert.Equal([7L, 8, 9], Checkpoints().Select(name => Checkpoint.Describe(Path.Combine(run.Folder("run"), name)).Step));
    }

    [Theory]
    [InlineData("cut")]
    [InlineData("flipped")]
    [InlineData("gone")]
    public void Where_the_newest_is_damaged_the_one_before_continues_to_the_same_bits(string damage)
    {
        using var scope = NewDisposeScope();
        var options = run.Options(epochs: 3);
        using (var whole = run.Trainer(options, "whole")) run.Train(whole);
        using (var part = run.Trainer(options, "run", keep: 2)) run.Train(part, until: 5, saveEvery: 0);
        var newest = Path.Combine(run.Folder("run"), CheckpointFolder.NewestFile);
        var bytes = File.ReadAllBytes(newest);
        if (damage == "flipped") bytes[^1000] ^= 1;
        if (damage == "gone") File.Delete(newest);
        else File.WriteAllBytes(newest, damage == "cut" ? bytes[..^50] : bytes);

        using (var resumed = run.Trainer(options, "run", keep: 2))
        {
            Assert.Equal(4, resumed.Step);
            if (damage != "gone")
            {
                Assert.Contains(
                    run.Observer.Notices,
                    n =>
                        n.Contains(newest, StringComparison.Ordinal)
                            && n.Contains(damage == "cut" ? "cut short" : "checksum", StringComparison.Ordinal));
                Assert.Contains(run.Observer.Notices, n => n.Contains("checkpoint-4.safetensors", StringComparison.Ordinal));
            }
            run.Train(resumed);
        }
        var (expected, actual) = (Tensors("whole"), Tensors("run"));
        foreach (var (key, tensor) in expected) Close.SameBits(tensor, actual[key], key);

        Dictionary<string, Tensor> Tensors(string name)
        {
            var tensors = SafeTensors.Read(Path.Combine(run.Folder(name), CheckpointFolder.NewestFile)).Tensors;
            foreach (var tensor in tensors.Values) scope.Attach(tensor);
            return tensors;
        }
    }

    [Fact]
    public void Where_all_are_damaged_the_newest_one_is_told()
    {
        var options = run.Options(epochs: 3);
        using (var part = run.Trainer(options, "run", keep: 2)) run.Train(part, until: 4, saveEvery: 0);
        foreach (var name in Checkpoints()) File.WriteAllText(Path.Combine(run.Folder("run"), name), "no");
        Assert.Contains(CheckpointFolder.NewestFile, Assert.Throws<DamagedFileException>(() => run.Trainer(options, "run")).Message);
    }

    [Fact]
    public void The_best_evaluation_of_the_whole_run_keeps_its_checkpoint()
    {
        var options = run.Options(epochs: 4);
        var best = Path.Combine(run.Folder("run"), CheckpointFolder.BestFile);
        run.Observer.Score = epoch => epoch switch { 1 => 0.3, 2 => 0.5, 3 => 0.4, _ => 0.45 };
        using (var first = run.Trainer(options, "run")) run.Train(first, until: 2 * TinyRun.StepsPerEpoch, evaluateEvery: 1);
        Assert.Equal(2 * TinyRun.StepsPerEpoch, Checkpoint.Describe(best).Step);
        // A resumed run knows what the best one was.
        using (var second = run.Trainer(options, "run")) run.Train(second, evaluateEvery: 1);
        Assert.Equal(2 * TinyRun.StepsPerEpoch, Checkpoint.Describe(best).Step);
        Assert.Equal(0.5, Checkpoint.ScoreOf(best));
    }

    [Fact]
    public void Another_machine_continues_and_says_what_may_differ()
    {
        var options = run.Options(epochs: 2);
        using (var first = run.Trainer(options, "run")) run.Train(first, until: 2);
        Assert.Empty(run.Observer.Notices);
        var threads = get_num_threads();
        set_num_threads(threads + 1);
        try
        {
            using var second = run.Trainer(options, "run");
            Assert.Equal(2, second.Step);
            Assert.Contains(
                run.Observer.Notices,
                n =>
                    n.Contains($"{threads} threads", StringComparison.Ordinal)
                        && n.Contains($"{threads + 1} threads", StringComparison.Ordinal));
        }
        finally
        {
            set_num_threads(threads);
        }
    }

    public void Dispose() => run.Dispose();

    private IEnumerable<string> Checkpoints() =>
        Directory.GetFiles(run.Folder("run"), "checkpoint*").Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal);
}
