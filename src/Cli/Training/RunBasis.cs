using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Teachers;

namespace DataSsl.Cli.Training;

/// <summary>What a new run is told beside how its network learns, whose defaults follow from it.</summary>
/// <param name="Data">The images' path.</param>
/// <param name="Only">The one architecture that trains; null for the supernet.</param>
/// <param name="Size">Side of the views in pixels.</param>
/// <param name="From">The weights that it starts from; null for random ones.</param>
/// <param name="Teacher">The frozen network that it learns from; null for none.</param>
internal sealed record RunBasis(
    SearchSpace Space, Architecture? Only, string Data, int Size, int Batch, int Epochs, long Seed, ComputeType Compute, GivenOrigin? From,
    TeacherOrigin? Teacher);
