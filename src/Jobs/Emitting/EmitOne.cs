using System.Globalization;
using DataSsl.Jobs.Searching;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Search.Emit;
using DataSsl.Search.Results;
using static TorchSharp.torch;

namespace DataSsl.Jobs.Emitting;

/// <summary>Emits one architecture of a run.</summary>
/// <param name="spaces">The spaces that are known here.</param>
/// <param name="run">The run's checkpoint, or its folder.</param>
/// <param name="how">Where it goes, and what is written.</param>
public sealed class EmitOne(SpaceCatalogue spaces, string run, EmitSettings how)
{
    /// <summary>Makes the class, proves it, and writes it.</summary>
    /// <param name="asked">The architecture; null for that of a run of one network.</param>
    /// <param name="name">Of the class; null for one after the architecture.</param>
    /// <param name="count">Images of statistics and proof.</param>
    /// <param name="size">Side of the images in pixels; null for that of the training.</param>
    public EmittedClass Run(
        string? asked = null, string? name = null, int count = SearchRequest.DefaultImages, int? size = null, long seed = 0)
    {
        var path = CheckpointFolder.FileOf(run);
        var (options, step) = Checkpoint.Describe(path);
        var space = spaces.Find(options.Space);
        // What holds one network leaves nothing to choose.
        if (asked is null && options.Method.Architecture is null)
            throw new UserException(
                $"--arch is missing: {path} holds a supernet; name one of its architectures, or emit the winners of a search with --search FILE");
        var a = options.Method.Choose(space, asked, path);
        var side = space.CheckSize(size ?? options.Size);
        var className = name ?? DefaultName(space, a);
        EmittedNames.Check(space, className, how.Namespace);
        using var networks = Checkpoint.LoadNetworks(path, space, CPU);
        var images = Images.Cut(ImageSource.Open(how.Data ?? options.Data), options.Tiles, options.Pixels.Format);
        MemoryLimit.MustHold(space, [a], Math.Min(count, images.Count), side, "give fewer --images, or a smaller --size");
        RunFolder.Take(how.Folder);
        how.TellOfLeftOut(options.Pixels);
        using var batch = EmitSettings.Proof(images, count, side, seed, options.Pixels, "give --data and --images", out var pictures);
        var (hash, fingerprint) = (Checkpoint.Hash(path), images.Fingerprint[..16]);
        string[] provenance =
        [
            $"{a} of {space.Name}",
            $"space {space.Hash}, checkpoint {hash} after {step} steps, data {fingerprint}, seed {seed}, datassl {Product.Version}",
            .. options.From is { } from ? new[] { $"{Provenance.StartedFrom} {from}" } : [],
            .. options.Teacher is { } teacher ? new[] { $"{Provenance.LearntFrom} {teacher}" } : [],
        ];
        var facts = new CardFacts(
            hash, fingerprint, seed, Product.Version, how.License, From: options.From?.ToString(), Teacher: options.Teacher?.ToString());
        return new WinnerEmitter(networks.Student, batch) { Pictures = pictures, Pixels = options.Pixels }
            .Emit(how.Folder, className, how.Namespace, a, side, provenance, how.Forms, facts, how.NewHead(seed), how.SharesReader);
    }

    /// <summary>After the anchor that the architecture is, its index, or neither where it is off the grid.</summary>
    private static string DefaultName(SearchSpace space, Architecture a)
    {
        var named = space.Anchors.Select(x => x.Name).Append("Max").Append("Min").FirstOrDefault(x => space.Parse(x).Equals(a));
        return $"{space.Name}_{named ?? (space.IsOnGrid(a) ? space.IndexOf(a).ToString(CultureInfo.InvariantCulture) : "Custom")}";
    }
}
