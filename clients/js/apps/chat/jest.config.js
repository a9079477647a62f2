const packages = '<rootDir>/../../packages'

/** The screens' logic and components, as a device draws them. Browsers are driven by the tests of the workspace. */
module.exports = {
  preset: 'jest-expo/ios',
  // As the workspace's: the first test of a file draws the whole app for the first time.
  testTimeout: 20_000,
  testMatch: ['<rootDir>/test/**/*.test.{ts,tsx}'],
  transform: {
    '/(packages/\\w+/src|test/backend)/': '<rootDir>/test/transform.js',
    '\\.[jt]sx?$': ['babel-jest', { caller: { name: 'metro', bundler: 'metro', platform: 'ios' }, presets: ['babel-preset-expo'] }],
  },
  resolver: '<rootDir>/test/resolver.js',
  moduleNameMapper: {
    '^@tieline/client$': `${packages}/client/src/index.ts`,
    '^@tieline/client/core$': `${packages}/client/src/core.ts`,
    '^@tieline/client/react-native$': `${packages}/client/src/react-native.ts`,
    '^@tieline/react$': `${packages}/react/src/index.ts`,
    '^@react-native-async-storage/async-storage$': '<rootDir>/test/storage.ts',
    '^@legendapp/list/react-native$': '<rootDir>/test/list.tsx',
  },
}
