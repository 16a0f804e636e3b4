using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Tests;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Training;
using TorchSharp;
using Xunit.Abstractions;

namespace DataSsl.Fuzz;

/// <summary>Checkpoints for every verb that reads one.</summary>
[Collection(nameof(TinyCollection))]
public sealed class CheckpointTests(TinyRun run, ITestOutputHelper output)
{
    private const int Verbs = 11;

    private static readonly string[] OfStudents = ["search --score teacher", "train --from", "train --teacher"];

    private static readonly SpaceCatalogue spaces = new([TinyRun.Space]);

    /// <summary>A checkpoint has a checksum of all of it: what differs in a bit is no checkpoint.</summary>
    [Fact]
    public void A_damaged_checkpoint_is_refused_by_every_verb()
    {
        var folder = Directory.CreateDirectory(run.File("fuzz-run")).FullName;
        var file = Path.Combine(folder, CheckpointFolder.NewestFile);
        string[] learn =
        [
            "--space", "Tiny", "--data", run.Data, "--size", "32", "--batch", "8", "--epochs", "1", "--dimension", "16", "--hidden", "32",
            "--queue", "16", "--compute", "float32", "--threads", "1",
        ];
        // A finished run, of as many steps as its checkpoint.
        Command.Succeed(["train", .. learn, "--out", folder]);
        var (original, refused, ended) = (File.ReadAllBytes(file), new int[Verbs], new int[Verbs]);
        var verbs = Commands(folder, learn);
        foreach (var (verb, arguments) in verbs) Assert.True(Ending.Of(verb, arguments(Out())) is null, $"{verb} refuses what is sound");
        var (reader, called) = (new Reader(Read), 0);
        reader.Begin(file);
        for (var seed = Mutation.First; seed < Mutation.Rounds(200); seed++)
        {
            // Of three one has the checksum of what it says: it may be another sound checkpoint.
            var isSealed = seed % 3 == 2;
            var bytes = isSealed ? Sealed(original, seed) : Mutation.Of(original, seed);
            if (bytes.AsSpan().SequenceEqual(original)) continue;
            File.WriteAllBytes(file, bytes);
            var (isCalledFor, why) = reader.Read($"reader, seed {seed}", file, seed);
            Assert.True(
                isSealed || why?.Contains(file, StringComparison.Ordinal) == true,
                $"reader, seed {seed}: took a damaged checkpoint, or does not name it: {why}");
            if (!isCalledFor) continue;
            // The verbs take turns.
            var which = called++ % Verbs;
            var (verb, arguments) = verbs[which];
            var said = Ending.Of($"{verb}, seed {seed}", arguments(Out()));
            Assert.True(
                isSealed || said?.Contains(file, StringComparison.Ordinal) == true,
                $"{verb}, seed {seed}: went on from a damaged checkpoint, or does not name it: {said}");
            // Who starts or learns from the student needs no teacher of its own.
            Assert.True(
                why is null || said is not null || OfStudents.Contains(verb),
                $"{verb}, seed {seed}: went on from what the others refuse: {why}");
            (said is null ? ended : refused)[which]++;
        }
        Assert.True(reader.Refused > 0, "no damage was seen");
        output.WriteLine(
            $"{reader.Refused} refused, {reader.Doubts} read as something else; {string.Join(", ", verbs.Select((v, i) => $"{v.Verb}: {refused[i]} refused, {ended[i]} ended well"))}");
        // Nothing half written is left.
        Assert.DoesNotContain(Directory.GetFileSystemEntries(folder), path => path.EndsWith(".partial", StringComparison.Ordinal));

        // As every verb does before its work: what the checkpoint says, and both networks.
        IEnumerable<string> Read(string path)
        {
            var (options, step) = Checkpoint.Describe(path);
            var space = spaces.Find(options.Space);
            Checkpoint.Check(path, space);
            using var networks = Checkpoint.LoadNetworks(path, space, torch.CPU);
            return
            [
                $"after step {step}", options.ToJson(),
                .. networks.State.Select(tensor => $"{tensor.Name}: {Convert.ToHexString(SHA256.HashData(tensor.Values.bytes))}"),
            ];
        }

        string Out()
        {
            var fresh = run.File("fuzz-out");
            if (Directory.Exists(fresh)) Directory.Delete(fresh, recursive: true);
            return fresh;
        }
    }

    /// <summary>
    /// What a checkpoint says of itself, by whoever knows how it is sealed: read and sound, or refused in one line that names the file.
    /// </summary>
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
            else
                Assert.True(
                    read.Step >= 0 && read.Options.Batch > 0 && read.Options.Epochs > 0 && double.IsFinite(read.Options.Rate),
                    $"words, seed {seed}: {read.Options.ToJson()}");
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

    /// <summary>Every verb that reads a checkpoint, on the run in a folder.</summary>
    /// <param name="learn">Options of <c>train</c> that the run was made with.</param>
    private List<(string Verb, Func<string, string[]> Arguments)> Commands(string folder, string[] learn)
    {
        var (train, test) = run.LabelledSets();
        string[] search = ["--data", run.Data, "--budgets", "<=1M", "--images", "4", "--size", "32", "--threads", "1"];
        string[] labelled = ["--test", test, "--size", "32", "--threads", "1"];
        return
        [
            ("search", to => ["search", "--checkpoint", folder, .. search, "--candidates", "2", "--out", to]),
            ("search --score teacher",
                to =>
                    [
                        "search", "--checkpoint", run.Run,.. search, "--candidates", "2", "--score", "teacher", "--teacher", folder,
                        "--out", to,
                    ]),
            ("plan search", _ => ["plan", "search", "--checkpoint", folder, .. search, "--probe", "0.01"]),
            ("evaluate", _ => ["evaluate", "knn", "--checkpoint", folder, "--data", train, .. labelled, "--k", "3"]),
            ("evaluate linear", _ => ["evaluate", "linear", "--checkpoint", folder, "--data", train, .. labelled, "--l2", "0.1"]),
            ("emit",
                to =>
                    [
                        "emit", "--checkpoint", folder, "--data", run.Data, "--images", "4", "--arch", "Min", "--name", "Fuzzed", "--forms",
                        "class", "--threads", "1", "--out", to,
                    ]),
            ("study",
                to =>
                    [
                        "study", "--checkpoint", folder, "--data", run.Data, "--train", train,.. labelled, "--subnets", "3", "--method",
                        "knn", "--k", "3", "--images", "4", "--out", to,
                    ]),
            ("verdict",
                to =>
                    [
                        "verdict", "--winner", folder, "--arch", "Min", "--weights", run.Run, "--data", train,.. labelled, "--methods",
                        "knn", "--k", "3", "--seeds", "1", "--out", to,
                    ]),
            ("train --from", to => ["train", .. learn, "--from", folder, "--out", to]),
            ("train --teacher",
                to =>
                    [
                        "train", "--space", "Tiny", "--data", run.Data, "--size", "32", "--batch", "8", "--epochs", "1", "--hidden", "32",
                        "--compute", "float32", "--threads", "1", "--teacher", folder, "--out", to,
                    ]),
            ("train --resume", _ => ["train", "--resume", "--out", folder, "--threads", "1"]),
        ];
    }
}
