using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Tests.Data;
using DataSsl.Runtime.Tests.Spaces;
using DataSsl.Runtime.Training;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training;

/// <summary>What checkpoints keep, and what is made of damaged ones.</summary>
public sealed class CheckpointTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly TinyRun run = new();
    private readonly string path;

    public CheckpointTests() => path = folder["checkpoint.safetensors"];

    [Fact]
    public void Everything_comes_back_to_the_bit()
    {
        using var scope = NewDisposeScope();
        using var model = Saved();
        using var loaded = new Pretraining(Tiny.Space, TinyModel.Method, CPU, ScalarType.Float32, seed: 77);
        Assert.Equal(5, Checkpoint.Load(path, loaded));
        Close.SameBits(model.Networks.StudentWeights.Values, loaded.Networks.StudentWeights.Values, "student");
        Close.SameBits(model.Networks.TeacherWeights.Values, loaded.Networks.TeacherWeights.Values, "teacher");
        Close.SameBits(model.Optimizer.State[0].Values, loaded.Optimizer.State[0].Values, "momentum");
        Close.SameBits(model.Queues[0].Queue.Keys, loaded.Queues[0].Queue.Keys, "queue");
        Assert.Equal(model.Queues[0].Queue.Position, loaded.Queues[0].Queue.Position);

        var (options, step) = Checkpoint.Describe(path);
        Assert.Equal((run.Options(epochs: 2).ToJson(), 5), (options.ToJson(), step));
        using var networks = Checkpoint.LoadNetworks(path, Tiny.Space, CPU);
        // Laid out in another order there.
        foreach (var (slot, other) in model.Networks.TeacherWeights.Slots.Zip(networks.TeacherWeights.Slots))
            Close.SameBits(slot.Full(), other.Full(), $"teacher's {slot.Key} for search");
    }

    [Fact]
    public void A_low_precision_model_computes_with_what_it_loaded()
    {
        using var scope = NewDisposeScope();
        using var model = Saved();
        using var grad = no_grad();
        using var loaded = new Pretraining(Tiny.Space, TinyModel.Method, CPU, ScalarType.BFloat16, seed: 77);
        Checkpoint.Load(path, loaded);
        var (images, _) = TinyModel.Views(0);
        Close.To(
            model.Networks.Student.Embed(images, Tiny.Space.Max), loaded.Networks.Student.Embed(images, Tiny.Space.Max), 0.05, "embedding");
    }

    [Fact]
    public void A_checkpoint_of_another_space_is_refused_and_both_are_named()
    {
        using var model = Saved();
        using var other = new Pretraining(Other.Space, TinyModel.Method, CPU, ScalarType.Float32, seed: 1);
        foreach (var load in new Action[] { () => Checkpoint.Load(path, other), () => Checkpoint.LoadNetworks(path, Other.Space, CPU) })
        {
            var e = Assert.ThrowsAny<UserException>(load);
            Assert.Contains("Tiny", e.Message);
            Assert.Contains("Other", e.Message);
        }
    }

    [Fact]
    public void A_file_cut_at_any_length_is_told_in_one_line()
    {
        using var model = Saved();
        var bytes = File.ReadAllBytes(path);
        var random = CounterRandom.For(1, "cuts");
        var lengths = new List<int> { 0, 1, 7, 8, 9, 100, bytes.Length - 1, bytes.Length - 4 };
        for (var i = 0; i < 24; i++) lengths.Add((int)random.Below(bytes.Length));
        using var target = new Pretraining(Tiny.Space, TinyModel.Method, CPU, ScalarType.Float32, seed: 1);
        foreach (var length in lengths) AssertRefused(bytes[..length], target);
    }

    [Fact]
    public void Garbage_is_told_in_one_line()
    {
        using var model = Saved();
        var bytes = File.ReadAllBytes(path);
        using var target = new Pretraining(Tiny.Space, TinyModel.Method, CPU, ScalarType.Float32, seed: 1);
        for (var i = 0; i < 40; i++)
        {
            var random = CounterRandom.For(2, "garbage", i);
            var garbage = new byte[random.Below(400)];
            foreach (ref var b in garbage.AsSpan()) b = (byte)random.NextBits();
            AssertRefused(garbage, target);
            // Flipped bytes of the header: a different but still readable header is fine, any exception but ours is not.
            var flipped = (byte[])bytes.Clone();
            for (var k = 0; k < 3; k++) flipped[random.Below(3000)] = (byte)random.NextBits();
            File.WriteAllBytes(path, flipped);
            foreach (var read in
                new Action[]
                {
                    () => Checkpoint.Describe(path),
                    () => Checkpoint.Load(path, target),
                    () => Free(SafeTensors.Read(path).Tensors),
                })
                Assert.True(Record.Exception(read) is null or UserException);
        }
    }

    [Theory]
    [InlineData("format")]
    [InlineData("options")]
    [InlineData("step")]
    [InlineData("queuePosition")]
    public void A_missing_or_foreign_entry_of_the_metadata_is_told(string key)
    {
        using var model = Saved();
        var (tensors, metadata) = SafeTensors.Read(path);
        using var target = new Pretraining(Tiny.Space, TinyModel.Method, CPU, ScalarType.Float32, seed: 1);
        var entries = tensors.Select(t => (t.Key, t.Value)).ToList();
        foreach (var value in new string?[] { null, "", "-1", "99999999999999999999", "x", "null", "{}", "[1]" })
        {
            var changed = metadata.Where(m => m.Key != key || value is not null)
                .ToDictionary(m => m.Key, m => m.Key == key ? value! : m.Value);
            SafeTensors.Write(path, entries, changed);
            Assert.Contains(path, Assert.ThrowsAny<UserException>(() => Checkpoint.Load(path, target)).Message);
        }
        Free(tensors);
    }

    public void Dispose()
    {
        folder.Dispose();
        run.Dispose();
    }

    /// <summary>A model after some steps, so that momentum, queue and position are not those of a fresh one.</summary>
    private Pretraining Saved()
    {
        using var scope = NewDisposeScope();
        var model = TinyModel.Create(TinyModel.Method);
        for (var step = 0; step < 2; step++)
        {
            var (queries, keys) = TinyModel.Views(step);
            model.Step(TinyModel.Batched(queries, keys), TinyModel.Architectures(TinyModel.Method, step), TinyModel.At(0), 0.05);
        }
        Checkpoint.Save(path, model, run.Options(epochs: 2), 5);
        return model;
    }

    private void AssertRefused(byte[] content, Pretraining target)
    {
        File.WriteAllBytes(path, content);
        foreach (var read in
            new Action[]
            {
                () => Checkpoint.Describe(path),
                () => Checkpoint.Load(path, target),
                () => SafeTensors.Read(path),
                () => SafeTensors.ReadMetadata(path),
            })
        {
            var e = Assert.ThrowsAny<UserException>(read);
            Assert.Contains(path, e.Message);
            Assert.DoesNotContain('\n', e.Message);
        }
    }

    private static void Free(Dictionary<string, Tensor> tensors)
    {
        foreach (var tensor in tensors.Values) tensor.Dispose();
    }
}
