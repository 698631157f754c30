import { loadConfig } from '../../../../infra/config.ts';
import { ensurePython } from '../../../../infra/python/python-environment.ts';

/** What data scientists train with, and what tests compare with. */
const PACKAGES = [
  ...['numpy==2.4.6', 'lightgbm==4.7.0', 'xgboost-cpu==3.2.0', 'scikit-learn==1.9.1'],
  ...['onnx==1.23.2', 'onnxruntime==1.32.0', 'skl2onnx==1.20.0', 'onnxmltools==1.16.0'],
];

/** A Python that trains models of other programs; made once for all tests that want it. */
export function pythonWithModels(): Promise<string> {
  const { dataDir, programPath } = loadConfig();
  return ensurePython({
    ...{ name: 'model-files', packages: PACKAGES, purpose: 'LightGBM and XGBoost for tests (400 MB, once)' },
    ...{ remedy: 'Install Python 3.10 or later with venv.', dataDir, programPath, onStage: () => undefined },
  });
}
