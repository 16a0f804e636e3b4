using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using DataSsl.Cli.Tests;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Training;
using TorchSharp;

namespace DataSsl.Fuzz;

/// <summary>Checkpoints for every verb that reads one.</summary>
[Collection(nameof(ConsoleCollection))]
public sealed class CheckpointTests(TrainedRun run)
{
    /// <summary>A checkpoint has a checksum of all of it: what differs in a bit is no checkpoint.</summary>
    [Fact]
    public void A_damaged_checkpoint_is_refused_by_every_verb()
    {
        var original = File.ReadAllBytes(run.Checkpoint);
        var folder = Directory.CreateDirectory(run.File("fuzz-run")).FullName;
        var file = Path.Combine(folder, CheckpointFolder.NewestFile);
        var (train, test) = run.LabelledSets();
        var refused = 0;
        for (var seed = Mutation.First; seed < Mutation.Rounds(24); seed++)
        {
            // Of three one has the checksum of what it says: it may be another sound checkpoint.
            var isSealed = seed % 3 == 2;
            var bytes = isSealed ? Sealed(original, seed) : Mutation.Of(original, seed);
            if (bytes.AsSpan().SequenceEqual(original)) continue;
            File.WriteAllBytes(file, bytes);
            // Six verbs, and the three kinds of each.
            var (verb, arguments) = Verb(seed / 3 % 6, folder, train, test);
            var said = Ending.Of($"{verb}, seed {seed}", arguments);
            Assert.True(isSealed || said?.Contains(file, StringComparison.Ordinal) == true, $"{verb}, seed {seed}: went on from a damaged checkpoint, or does not name it: {said}");
            if (said is null) continue;
            refused++;
        }
        Assert.True(refused > 0, "no damage was seen");
        // An evaluation that ended well is recorded beside the checkpoint.
        Assert.Contains(Directory.GetFileSystemEntries(folder), file.Equals);
        Assert.All(Directory.GetFileSystemEntries(folder), path => Assert.Contains(Path.GetFileName(path), new[] { CheckpointFolder.NewestFile, "evaluations.jsonl" }));
    }

    /// <summary>What a checkpoint says of itself, by whoever knows how it is sealed: read and sound, or refused in one line that names the file.</summary>
    [Fact]
    public void Damaged_words_of_a_checkpoint_are_sound_or_refused()
    {
        var (file, refused) = (run.File("fuzz-words.safetensors"), 0);
        using var value = torch.zeros(4);
        SafeTensors.Write(file, [("value", value)], SafeTensors.ReadMetadata(run.Checkpoint));
        var original = File.ReadAllBytes(file);
        for (var seed = 0; seed < Mutation.Rounds(400); seed++)
        {
            File.WriteAllBytes(file, Sealed(original, seed));
            var (read, said) = Refusal.Of($"words, seed {seed}", file, () => Checkpoint.Describe(file));
            if (said is not null) refused++;
            else Assert.True(read.Step >= 0 && read.Options.Batch > 0 && read.Options.Epochs > 0 && double.IsFinite(read.Options.Rate), $"words, seed {seed}: {read.Options.ToJson()}");
        }
        Assert.True(refused > 0, "no damage was seen");
    }

    /// <summary>A header with a number or a word changed, and the checksum that fits.</summary>
    private static byte[] Sealed(byte[] original, int seed)
    {
        const int prefix = sizeof(long), digits = 64;
        var length = (int)BinaryPrimitives.ReadInt64LittleEndian(original);
        var header = Mutation.Value(original[prefix..(prefix + length)], seed);
        var checksum = header.AsSpan().IndexOf("\"checksum\":\""u8) + "\"checksum\":\"".Length;
        if (checksum < digits || checksum + digits > header.Length) return original;
        header.AsSpan(checksum, digits).Fill((byte)'0');
        byte[] values = original[(prefix + length)..], size = new byte[prefix];
        Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData([.. header, .. values]))).CopyTo(header, checksum);
        BinaryPrimitives.WriteInt64LittleEndian(size, header.Length);
        return [.. size, .. header, .. values];
    }

    private (string Verb, string[] Arguments) Verb(int which, string folder, string train, string test) => which switch
    {
        0 => ("search", ["search", "--checkpoint", folder, "--data", run.Data, "--budgets", "2-3M", "--images", "4", "--size", "32", "--candidates", "2", "--out", run.File("fuzz-out")]),
        1 => ("evaluate", ["evaluate", "knn", "--checkpoint", folder, "--data", train, "--test", test, "--size", "32", "--k", "3"]),
        2 => ("emit", ["emit", "--checkpoint", folder, "--data", run.Data, "--images", "4", "--arch", "Min", "--name", "Fuzzed", "--out", run.File("fuzz-out")]),
        3 => ("plan search", ["plan", "search", "--checkpoint", folder, "--data", run.Data, "--budgets", "2-3M", "--images", "4", "--size", "32"]),
        4 => ("study", ["study", "--checkpoint", folder, "--data", run.Data, "--train", train, "--test", test, "--subnets", "3", "--method", "knn", "--images", "4", "--size", "32", "--out", run.File("fuzz-out")]),
        _ => ("evaluate linear", ["evaluate", "linear", "--checkpoint", folder, "--data", train, "--test", test, "--size", "32", "--l2", "0.1"]),
    };
}
